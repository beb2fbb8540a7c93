"""What a late or restated file may still change of a closed period: nothing but what comes after.

`planning.py` decides per billing period what goes in force, what is held and what stays, and
writes the files; `lines.py` turns differences into correction lines; `placing.py` puts all of it
in force inside the act's own transaction.
"""
