"""What the product is made of: its components, their bill (SBOM), and advisories about them."""
