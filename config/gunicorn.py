"""gunicorn's settings, for `make run` and for production: gunicorn -c python:config.gunicorn config.wsgi"""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Threads, because a request mostly waits for the database; measured at two to three times as many requests.
worker_class = "gthread"
threads = 4
graceful_timeout = 10
# A control socket in the home folder would be one more door.
control_socket_disable = True
errorlog = "-"
loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "warning")
accesslog = "-" if os.environ.get("ACCESS_LOG") else None
