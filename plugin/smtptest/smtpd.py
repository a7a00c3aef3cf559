# A mail server for tests: smtpd.py PORT FOLDER TLS CERTIFICATE KEY. It takes mails of
# who logs in as site-1, and writes each into the folder with its envelope before it.
import asyncio, itertools, os, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult

port, folder, how, certificate, key = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5]
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
if how != "none":
    tls.load_cert_chain(certificate, key)
numbers = itertools.count()


class Folder:
    async def handle_DATA(self, server, session, envelope):
        name = os.path.join(folder, "%04d" % next(numbers))
        with open(name + ".part", "wb") as f:
            head = "FROM %s\nTO %s\nTLS %s\nLOGIN %s\n" % (envelope.mail_from, " ".join(envelope.rcpt_tos), session.ssl is not None or how == "tls", session.authenticated)
            f.write(head.encode() + b"\n" + envelope.content)
        os.rename(name + ".part", name + ".eml")
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"site-1" and data.password == b"invented", handled=False)


def smtp():
    starttls = tls if how == "starttls" else None
    return SMTP(Folder(), tls_context=starttls, require_starttls=starttls is not None, authenticator=login,
                auth_required=how != "none", auth_require_tls=how == "starttls")


async def main():
    server = await asyncio.get_running_loop().create_server(smtp, "127.0.0.1", port, ssl=tls if how == "tls" else None)
    await server.serve_forever()

asyncio.run(main())
