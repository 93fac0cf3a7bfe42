"""Office formats: Word, PowerPoint, Excel, OpenDocument and RTF, each to text with its structure.

All XML is read as a stream of events (`events`), never as a tree: memory grows only with the text, and nesting causes
no recursion. `flow` puts paragraphs, boxes, notes and tables together in reading order.
"""
