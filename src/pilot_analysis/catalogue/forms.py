"""School forms: the grade after which pupils leave each."""

LAST_GRADES = {"GR": 9, "GY": 3}
