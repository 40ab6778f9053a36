#!/bin/sh
# Asks a registry whatever its own description allows, and more: no answer may be a server's error or differ from the description.
# Measured with schemathesis 4.32; needs schemathesis (PyPI) on the path; further words go to it. The registry is one of the tests' and ends with this script.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
mkfifo "$folder/input"
trap 'exec 3>&-; wait; rm -rf "$folder"' EXIT
OVERT_SERVED="$folder/served" cargo test -q -p server --test api -- --ignored --exact fuzzed::serves_until_its_input_ends <"$folder/input" &
exec 3>"$folder/input"
while [ ! -s "$folder/served" ]; do sleep 1; kill -0 $!; done
read -r url token <"$folder/served"
# Left out, since they judge something else than the answers:
# - positive_data_acceptance: what a schema cannot say (a device that is enrolled, a signature) is refused rightly;
# - negative_data_rejection: bodies in CBOR are made as arbitrary bytes, some of which are sequences by chance;
# - ignored_auth, use_after_free, ensure_resource_availability, object_level_authorization: docs/api-access.md has every role.
# The token that asks would be ended by chance, and backups would fill folders: these two are left out.
scripts="$PWD/scripts"
# What it remembers between runs stays out of the tree.
cd "$folder"
SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH="$scripts" schemathesis run "$url/api/v1/openapi.json" --header "Authorization: Bearer $token" \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
  --exclude-operation-id end-token --exclude-operation-id backup \
  --phases examples,coverage,fuzzing --seed 1 --continue-on-failure "$@"
