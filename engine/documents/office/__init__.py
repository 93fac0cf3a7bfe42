"""Office formats: Word, PowerPoint, Excel, OpenDocument and RTF, each to text with its structure.

All XML is read as a stream of events (`events`), never as a tree: a file's memory is that of its text, and no depth of
nesting is a recursion. `flow` puts paragraphs, boxes, notes and tables together in reading order.
"""
