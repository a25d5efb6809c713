"""How well the nets do: distorted test sets, scores, statistics, reports, figures and speed."""
