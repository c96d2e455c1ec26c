"""失联查找: persons who are out of supervision (脱管) or never arrived (漏管)."""
