"""The settings: `muniment.toml`, then environment variables `MUNIMENT_…`, each checked and each documented in the README."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "MUNIMENT_"
CONFIG = f"{PREFIX}CONFIG"
# What the directory calls the organization of whoever asks.
OWN_CUSTOMER = "my_customer"
Principal = Annotated[str, Field(pattern=r"^(anyone|(user|group|domain):\S{1,254})$")]
Domain = Annotated[str, Field(pattern=r"^[^\s@]{1,253}$")]
Port = Annotated[int, Field(ge=0, le=65535)]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
Seconds = Annotated[float, Field(gt=0, le=600)]
Limit = Annotated[str, Field(pattern=r"^(\s*\d+\s*/\s*\d*\s*(second|minute|hour|day)s?(\s*;.*)?)$")]

READ_TYPES = (
    "application/pdf",
    "application/vnd.google-apps.document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-word.document.macroenabled.12",
    "application/msword",
    "application/vnd.oasis.opendocument.text",
    "application/rtf",
    "text/rtf",
    "text/html",
    "text/plain",
    "image/tiff",
    "image/png",
    "image/jpeg",
)


class SettingsError(Exception):
    """A setting is wrong; the message is one line a setting."""


class Section(BaseModel):
    """A group of settings: unknown names are refused, and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadingSettings(Section):
    """What reading one document may cost, and how."""

    processes: int = Field(2, ge=1, le=64, description="how many documents are read side by side")
    seconds: float = Field(300, gt=0, le=86_400, description="how long reading one document may take")
    memory_mb: int = Field(2048, ge=256, le=1 << 20, description="how much memory reading one document may take")
    max_mb: int = Field(200, ge=1, le=4096, description="larger files are listed as skipped")
    ocr: Literal["auto", "off", "rapidocr", "tesseract"] = Field(
        "auto", description="which engine reads scanned pages; `auto` takes what is installed"
    )


class DeadlineSettings(Section):
    """How long a call of one tool may take, where it is not `deadline_seconds`."""

    search_documents_by_metadata: Seconds | None = Field(None, description="its own deadline, in seconds")
    extract_clause: Seconds | None = Field(None, description="its own deadline, in seconds")
    read_contract: Seconds | None = Field(None, description="its own deadline, in seconds")


class DriveSettings(Section):
    """Where in Google Drive the contracts are, and how it is asked."""

    service_account_file: Path | None = Field(
        None, description="the key of the service account that reads Drive; none means Application Default Credentials"
    )
    subject: str | None = Field(None, description="whom the service account acts for, by domain-wide delegation")
    folder_ids: tuple[str, ...] = Field((), description="folders to index, with all below them")
    shared_drive_ids: tuple[str, ...] = Field(
        (), description="shared drives to index; with no folders either, all that the account can see is indexed"
    )
    api_endpoint: str | None = Field(
        None, pattern=r"^https?://", description="another address of the Drive API, with or without `/drive/v3/`"
    )
    mime_types: tuple[str, ...] = Field(
        READ_TYPES, description="the types of files that are indexed; others are listed as skipped"
    )
    link_readers: bool = Field(
        False, description="whether a file that anyone, or a domain, may open by its link alone is shown to them"
    )
    queries_per_minute: int = Field(3000, ge=1, le=1_000_000, description="how often Drive is asked at most")
    timeout_seconds: float = Field(60, gt=0, le=600, description="how long one answer of Drive may keep silent")
    attempts: int = Field(7, ge=1, le=20, description="how often a question is asked again through faults that may pass")


class DirectorySettings(Section):
    """Whether Google's directory is asked who belongs to which groups, and how."""

    subject: str | None = Field(
        None,
        pattern=r"^[^\s@]+@[^\s@]+$",
        description="the administrator whom the service account acts for when it asks for groups; none means not to ask",
    )
    service_account_file: Path | None = Field(None, description="the key of that account; none means the one that reads Drive")
    customer: str = Field(OWN_CUSTOMER, description="whose groups; `my_customer` is the subject's own organization")
    domains: tuple[Domain, ...] = Field(
        (),
        description="domains of the organization in which neither the subject nor a group has an address",
    )
    api_endpoint: str | None = Field(
        None, pattern=r"^https?://", description="another address of the Directory API, with or without `/admin/directory/v1`"
    )
    queries_per_minute: int = Field(1200, ge=1, le=1_000_000, description="how often the directory is asked at most")


class ServerSettings(Section):
    """Where the server listens, and for whom."""

    host: str = Field("127.0.0.1", description="address to listen on; other than loopback needs a key or an authorization server")
    port: Port = Field(8080, description="port to listen on; 0 takes a free one")
    allowed_hosts: tuple[str, ...] = Field((), description="further Host headers to accept, such as `muniment.firm.example`")
    allowed_origins: tuple[str, ...] = Field((), description="Origin headers to accept from browsers")
    principals: tuple[Principal, ...] = Field(
        ("anyone",), description="whom a caller without a key counts as: on stdio, and on loopback while there are no keys"
    )
    deadline_seconds: Seconds = Field(20, description="how long one call may take")
    deadlines: DeadlineSettings = DeadlineSettings()
    workers: int = Field(1, ge=1, le=64, description="server processes behind the one address")
    side_by_side: int = Field(2, ge=1, le=64, description="calls that one process answers at once")
    waiting: int = Field(32, ge=0, le=10_000, description="calls that may wait in one process; any further one is answered 503")
    stop_seconds: int = Field(20, ge=0, le=600, description="how long calls in flight may take when the server is told to stop")
    proxies: tuple[str, ...] = Field(
        (), description="addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed"
    )
    caller_limit: Limit | None = Field("1200/minute", description="how often one caller may call; empty for no limit")
    address_limit: Limit | None = Field("6000/minute", description="how often one address may call; empty for no limit")
    limit_store: str | None = Field(
        None, description="where calls are counted; empty for a file of this machine, `redis://…` for several machines"
    )
    threads: int = Field(1, ge=1, le=64, description="processor threads that one question may use")


class AuthSettings(Section):
    """Who says who a caller is: authorization servers, groups, and walls."""

    issuers: tuple[str, ...] = Field((), description="authorization servers whose tokens are taken, each as its tokens spell it")
    audience: str | None = Field(None, description="what a token must be for: this server's address, `https://…/mcp`")
    resource: str | None = Field(None, description="the address that clients use, where it is not the audience")
    algorithms: tuple[Algorithm, ...] = Field(
        ("RS256", "PS256", "ES256", "EdDSA"), min_length=1, description="how tokens may be signed"
    )
    leeway_seconds: int = Field(30, ge=0, le=300, description="how far the issuer's clock may be off")
    email_claim: str = Field("email", description="the claim with the caller's e-mail address")
    email_verified_claim: str | None = Field(
        "email_verified", description="the claim that must be true for it to count; empty where the issuer verifies them all"
    )
    groups_claim: str = Field("groups", description="the claim with the caller's groups")
    scope_claim: str = Field("scope", description="the claim with the scopes: words, or a list")
    introspection_url: str | None = Field(None, description="where the first issuer looks up tokens that only it can read")
    introspection_client: str | None = Field(None, description="as whom it is asked")
    introspection_secret: SecretStr | None = Field(None, description="the secret for it")
    groups_file: Path | None = Field(None, description="who belongs to which groups; none means `groups.toml` in the data folder")
    walls_file: Path | None = Field(None, description="the ethical walls; none means `walls.toml` in the data folder")


class AuditSettings(Section):
    """The trail of who was shown what."""

    enabled: bool = Field(True, description="record every question; one that can't be recorded is not answered")
    folder: Path | None = Field(None, description="where the audit trail is kept; none means `audit` in the data folder")
    arguments: Literal["hashed", "clear"] = Field(
        "hashed", description="whether a question's arguments are recorded as a keyed hash alone, or in words as well"
    )


class TracingSettings(Section):
    """Where spans are sent."""

    endpoint: str | None = Field(
        None,
        pattern=r"^https?://",
        description="an OpenTelemetry collector that spans are sent to (OTLP over HTTP); none for none",
    )


class Settings(BaseSettings):
    """Everything that can be set; see the README for what each is for."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_parse_none_str="", extra="forbid", frozen=True
    )

    data_dir: Path = Field(Path("data"), description="where the index, the keys, groups and walls are kept")
    source: Literal["folder", "drive"] = Field("folder", description="where the contracts come from")
    folder: Path | None = Field(None, description="the folder of contracts, when `source` is `folder`")
    folder_readers: tuple[Principal, ...] = Field(
        ("anyone",), description="who may see a folder's documents: `anyone`, `user:…`, `group:…`, `domain:…`"
    )
    most_removed: float = Field(
        0.1, ge=0, le=1, description="a run that would remove more than this share of the index removes nothing and says so"
    )
    encoder: Path | None = Field(
        None, description="a folder with another sentence-transformers model; none means the one that is installed"
    )
    embedding_threads: int = Field(0, ge=0, le=256, description="processor threads for embedding; 0 means all there are")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="how much is logged; only DEBUG may hold contract text"
    )
    log_format: Literal["text", "json"] = Field("text", description="a line of text or a JSON object for each event")
    reading: ReadingSettings = ReadingSettings()
    drive: DriveSettings = DriveSettings()
    directory: DirectorySettings = DirectorySettings()
    server: ServerSettings = ServerSettings()
    auth: AuthSettings = AuthSettings()
    audit: AuditSettings = AuditSettings()
    tracing: TracingSettings = TracingSettings()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was passed wins over the environment, the environment over the file."""
        file = TomlConfigSettingsSource(settings_cls, Path(os.environ.get(CONFIG, "muniment.toml")))
        return init_settings, EnvSettingsSource(settings_cls), file


def load_settings(**passed: object) -> Settings:
    """The settings in force; what was passed (and is not None) wins. Raises SettingsError, one line for each wrong one."""
    given = {name: value for name, value in passed.items() if value is not None}
    config = os.environ.get(CONFIG)
    if config and not Path(config).is_file():
        raise SettingsError(f"{CONFIG} names {config}, and there is no such file")
    unknown = sorted(_unknown(os.environ))
    if unknown:
        raise SettingsError("\n".join(f"{name}: no such setting; `muniment settings` lists them" for name in unknown))
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise SettingsError("\n".join(_lines(error))) from None
    except ValueError as error:  # a broken TOML file, or JSON in an environment variable
        raise SettingsError(f"the settings can't be read: {error}") from None


def documented() -> Iterator[tuple[str, str, object]]:
    """Every setting: its environment variable, what it is for, its default."""
    yield CONFIG, "the settings file, when it is not `muniment.toml` in the working directory", None
    yield from _fields(Settings, PREFIX)


def _fields(section: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, object]]:
    for name, field in section.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        if isinstance(field.default, Section):
            yield from _fields(type(field.default), f"{variable}__")
        else:
            yield variable, field.description or "", field.default


def _unknown(environment: Mapping[str, str]) -> Iterator[str]:
    known = {variable for variable, _, _ in documented()}
    whole = {variable.split("__")[0] for variable in known if "__" in variable}
    for name in environment:
        if name.startswith(PREFIX) and name not in known | whole:
            yield name


def _lines(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False):
        name = PREFIX + "__".join(str(part) for part in each["loc"]).upper()
        if each["type"] == "extra_forbidden":
            yield f"{name}: no such setting; `muniment settings` lists them"
        else:
            # A secret must not be shown, and pydantic prints stars for one.
            yield f"{name} = {each['input']!r}: {each['msg'][0].lower()}{each['msg'][1:]}"
