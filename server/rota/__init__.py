"""值班: the duty rota, absences with substitutes, and what one shift hands to the next."""
