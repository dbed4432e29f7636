"""The credentials with which one of Google's APIs is asked: a service account's key, or what the machine has at hand."""

from pathlib import Path
from typing import Any

from ingest.google_apis import Api
from ingest.google_faults import Barred


def credentials_of(account_file: Path | None, subject: str | None, api: Api) -> Any:
    """The account's credentials for what the API is asked for and nothing more. Raises Barred."""
    import google.auth
    from google.oauth2.service_account import Credentials

    try:
        if account_file is None:
            credentials, _ = google.auth.default(scopes=api.scopes)
        else:
            credentials = Credentials.from_service_account_file(  # type: ignore[no-untyped-call]  # google-auth has few types
                str(account_file), scopes=api.scopes
            )
    except (OSError, ValueError, google.auth.exceptions.GoogleAuthError) as error:
        where = account_file or "Application Default Credentials"
        raise Barred(
            f"{where}: no usable key ({error}): set {api.settings}SERVICE_ACCOUNT_FILE to the key's JSON file"
        ) from error
    if subject is None:
        return credentials
    if not hasattr(credentials, "with_subject"):
        raise Barred(f"{api.settings}SUBJECT needs a service account's key file: set {api.settings}SERVICE_ACCOUNT_FILE")
    return credentials.with_subject(subject)
