"""What a watch says of a text. Pure: text and terms in, verdict with reasons out."""
