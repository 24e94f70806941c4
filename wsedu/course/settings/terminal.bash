# What bash reads in a terminal of the course's JupyterLab: the user's own settings, then the Python of the course first,
# since those settings may have put another one there, as conda and pyenv do.
if [ -f ~/.bashrc ]; then . ~/.bashrc; fi
PATH="$WSEDU_PYTHON:$PATH"
