"""What is said of deals, and the deals that come of it. Pure.

    sentence ─clauses─▶ clause ─statements─▶ what it says of which deal ─mentions─▶ what a piece says of each
             (counterparties, figures, belonging, partial: who, how much, whose, and of what part)
    mentions of all pieces ─ledger─▶ groups by anchor, kind and life ─rulings─▶ as people decided ─life─▶ deals, changes
             (stories, attribution: which pieces go back to one report)
    deals ─books, rows, roles, wording─▶ sums, circles, tables and words

`headlines` tells events apart where there is no deal; `quality` compares all this with what people read.
"""
