#!/usr/bin/env bash
# What one would write without the action: wait until the import at $IMPORT_URL has ended.
# Takes $PUBLIC_KEY, $PRIVATE_KEY and $POLL_INTERVAL (seconds), and curl's own $CURL_CA_BUNDLE.
set -euo pipefail

while true; do
  state=$(curl --silent --show-error --fail --digest --user "$PUBLIC_KEY:$PRIVATE_KEY" "$IMPORT_URL" |
    jq --raw-output .state)
  case $state in
    SUCCESS) exit 0 ;;
    FAILED | CANCELLED) exit 1 ;;
  esac
  sleep "$POLL_INTERVAL"
done
