"""日常义务: reports, visits, talks, education, community work, assessments, investigations."""
