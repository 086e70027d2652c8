"""Scala files that more than one test reads."""

JUST = """! just.scl
!
Five-limit just intonation, as many have it
 12
!
 16/15
 9/8   a whole tone
 6/5
 5/4
 4/3
 45/32
 3/2
 8/5
 5/3
 9/5
 15/8
 2/1
"""
