"""The child process that holds the library and the encoders for the app.

Requests come in on its standard input as JSON lines, answers and progress go out. Open `child.py` first for the
protocol, then `requests.py` for what an operation sees and `desk.py` for the operations; `work.py` holds the long ones,
`answers/` those on answers, `maps/` the map.
"""
