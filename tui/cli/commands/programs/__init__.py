"""Commands for programs and for those who set the program up: the server for agents, the doctor, shell completion."""
