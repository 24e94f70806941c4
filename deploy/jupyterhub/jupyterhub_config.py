"""The course for a class on JupyterHub: users of this system, one server for each, the course in the home of each.

    jupyterhub -f deploy/jupyterhub/jupyterhub_config.py

docs/teaching/jupyterhub.md says how to install it and why each value is as it is. What may differ is taken from the
surroundings, so that this file can stay as it is:

    WSEDU_LANG          language of a new copy of the course: en (as it comes) or zh
    WSEDU_HUB_URL       where it listens, http://127.0.0.1:8000 as it comes: behind a proxy that speaks HTTPS
    WSEDU_HUB_GROUP     the system's group whose members may log in, students as it comes
    WSEDU_HUB_ADMINS    the system's group whose members may also administer it, teachers as it comes

For the test alone, and only on 127.0.0.1: all servers run as the user who starts the hub, in folders of
WSEDU_HUB_HOMES, and anybody who knows WSEDU_HUB_TEST_PASSWORD is whoever they say they are.
"""

import os
import sys
from urllib.parse import urlsplit

HOUR = 3600

SEAT = 400 * 2**20
"""Bytes of memory for a learner: more than was measured for the server and one kernel, for a second notebook."""

c = get_config()  # noqa: F821 -- JupyterHub puts it here

# --- Where it listens ---

# Passwords and cookies pass here: to other machines only by way of a proxy with HTTPS.
c.JupyterHub.bind_url = os.environ.get("WSEDU_HUB_URL", "http://127.0.0.1:8000")

# --- Who may log in, and as whom their servers run ---

TEST_PASSWORD = os.environ.get("WSEDU_HUB_TEST_PASSWORD")

if TEST_PASSWORD is None:
    c.JupyterHub.authenticator_class = "pam"
    c.JupyterHub.spawner_class = "localprocess"
    admins = os.environ.get("WSEDU_HUB_ADMINS", "teachers")
    c.PAMAuthenticator.allowed_groups = {os.environ.get("WSEDU_HUB_GROUP", "students"), admins}
    c.PAMAuthenticator.admin_groups = {admins}
else:
    if urlsplit(c.JupyterHub.bind_url).hostname != "127.0.0.1":
        sys.exit("WSEDU_HUB_TEST_PASSWORD is for a test on this machine: let WSEDU_HUB_URL begin with http://127.0.0.1")
    c.JupyterHub.authenticator_class = "shared-password"
    c.JupyterHub.spawner_class = "simple"
    c.SharedPasswordAuthenticator.user_password = TEST_PASSWORD
    c.Authenticator.allow_all = True
    c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(os.environ["WSEDU_HUB_HOMES"], "{username}")

# --- What a server is ---

# The course comes into the home of the user, who has changed what is left alone; then this is jupyterhub-singleuser.
c.Spawner.cmd = [sys.executable, "-m", "wsedu.course.hub"]
c.Spawner.default_url = "/lab/tree/wsedu-course"
c.Spawner.environment = {"WSEDU_LANG": os.environ.get("WSEDU_LANG", "en")}
c.Spawner.args = [
    # A kernel that nobody looks at and that does nothing ends after an hour, and its server an hour after the last
    # one: what was saved is in the home, and the next login starts a new server.
    f"--MappingKernelManager.cull_idle_timeout={HOUR}",
    "--MappingKernelManager.cull_interval=300",
    f"--ServerApp.shutdown_no_activity_timeout={HOUR}",
]

if TEST_PASSWORD is not None:
    c.Spawner.args.append("--LabApp.expose_app_in_browser=True")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        c.Spawner.args.append("--allow-root")

# --- Limits ---

# A class begins at the same moment. Whoever comes while as many servers as this are starting gets a page that asks to
# come back in half a minute, so this is no way to spread them: the processor does that, and the time allowed is ample.
c.JupyterHub.concurrent_spawn_limit = 40
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 180

# No more servers at a time than this machine has memory for, a gigabyte left to the hub and the system.
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
c.JupyterHub.active_server_limit = max(1, (MEMORY - 2**30) // SEAT)
