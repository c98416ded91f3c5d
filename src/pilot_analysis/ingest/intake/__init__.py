"""Files of every kind an administrator sends, as the contract's reader takes them.

`exports.prepare` lists a folder, says what each file is, and gives the contract's reader one text a
table: the file itself where it already is what the contract asks for, else a copy in the owner-only
working folder. Files of other systems go through a mapping (`mapping`).
"""
