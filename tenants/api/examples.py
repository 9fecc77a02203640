"""Examples in the API's description: one per shape, put together from what its columns are called."""

from typing import Any

ID = "01935d2e-7a40-7c3e-9b1a-5d0f2c4e6a81"
TIME = "2026-03-14T09:26:53.589793Z"
NAMED = {
    "name": "Harbour Dental",
    "full_name": "Ada Lovelace",
    "email": "ada@example.org",
    "password": "a long and private sentence",
    "old_password": "a long and private sentence",
    "new_password": "another long and private sentence",
    "slug": "harbour-dental",
    "amount": "129.90",
    "total_revenue": "1299.00",
    "cost_usd": "0.0125",
    "company": "Analytical Engines",
    "industry": "computing",
    "timezone": "Europe/Berlin",
    "model": "a-language-model",
    "link": "https://app.example.org/accept-invitation?token=…",
    "token": "the token of the link in the mail",
    "key": "tnk_1a2b3c4d_…",
    "prefix": "tnk_1a2b3c4d",
    "access": "eyJhbGciOiJFUzI1NiIs…",
    "refresh": "rt_…",
    "action": "UPDATE",
    "table_name": "customers",
    "actor": f"user:{ID}",
    "surface": "api",
    "avatar_url": "https://example.org/ada.png",
}
FORMATS = {"uuid": ID, "date-time": TIME, "date": "2026-03-14", "uri": "https://example.org/", "email": NAMED["email"]}
KINDS: dict[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "object": {}, "array": []}


def add_examples(schemas: dict[str, Any]) -> None:
    """Give every object of the description an example."""
    for schema in schemas.values():
        if schema.get("type") == "object" and "properties" in schema:
            schema["examples"] = [example_of(schema, schemas)]


def example_of(schema: dict[str, Any], schemas: dict[str, Any], name: str = "") -> Any:
    """A value that the schema would take."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return example_of(schema[several][0], schemas, name)
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object" and "properties" in schema:
        return {k: example_of(v, schemas, k) for k, v in schema["properties"].items()}
    if kind == "array":
        return [example_of(schema["items"], schemas, name)]
    if kind == "string" and name in NAMED and "format" not in schema:
        return NAMED[name]
    return FORMATS.get(schema.get("format", ""), NAMED.get(name) if kind == "string" else None) or KINDS[kind]
