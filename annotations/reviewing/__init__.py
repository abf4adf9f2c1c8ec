"""Behind the review page: what new scores, checks and labels change of its counts, and the slices that people label."""
