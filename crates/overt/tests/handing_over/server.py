"""A mail server for tests: python3-aiosmtpd, one JSON file for each message it takes.

server.py PORT FOLDER [--tls CERT KEY] [--starttls CERT KEY] [--login USER PASSWORD] [--refuse ADDRESS]
"""

import email
import email.policy
import json
import os
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


def main():
    port, folder = int(sys.argv[1]), sys.argv[2]
    rest, options = sys.argv[3:], {}
    while rest:
        name = rest.pop(0)
        options[name] = [rest.pop(0) for _ in range({"--refuse": 1}.get(name, 2))]

    class Handler:
        taken = 0

        async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
            if address in options.get("--refuse", []):
                return "550 5.1.1 no such mailbox"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):
            message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
            said = {
                "to": envelope.rcpt_tos,
                "from": envelope.mail_from,
                "encrypted": session.ssl is not None,
                "headers": [[name, str(value)] for name, value in message.items()],
                "body": message.get_content(),
                "defects": [str(d) for d in message.defects],
                "longest": max(len(line) for line in envelope.original_content.split(b"\r\n")),
                "ascii": all(b < 128 for b in envelope.original_content),
            }
            Handler.taken += 1
            path = os.path.join(folder, f"{time.time_ns()}-{Handler.taken}.json")
            with open(path + ".new", "w") as out:
                json.dump(said, out)
            os.rename(path + ".new", path)
            return "250 OK"

    def context(names):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*names)
        return made

    settings = {}
    if "--login" in options:
        user, password = (word.encode() for word in options["--login"])

        def authenticate(server, session, envelope, mechanism, login):
            right = login.login == user and login.password == password
            return AuthResult(success=right, handled=False)

        settings.update(authenticator=authenticate, auth_required=True, auth_require_tls="--starttls" in options)
    if "--starttls" in options:
        settings.update(tls_context=context(options["--starttls"]), require_starttls=True)
    if "--tls" in options:
        settings.update(ssl_context=context(options["--tls"]))
    Controller(Handler(), hostname="127.0.0.1", port=port, **settings).start()
    print("ready", flush=True)
    sys.stdin.read()


main()
