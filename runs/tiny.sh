#!/usr/bin/env bash
# The whole path in minutes, from nothing but this repository: text, tokenizer, pretraining, fine-tuning, checkpoint, export, server, chat,
# event. Ends by asking the fresh model 100 questions it has never seen, through the HTTP API; exits with 1 unless 90 answers are exact.
# Called by `./run tiny`, which builds first. Keeps its work in the folder given, or removes it at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
parley() { dotnet src/Parley.Host/bin/Release/net10.0/parley.dll "$@"; }
say() { printf '\n\033[1m%s\033[0m\n' "$1"; }

work=${1:-}
if [ -z "$work" ]; then work=$(mktemp -d); kept=no; else mkdir -p "$work"; kept=yes; fi
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  if [ "$kept" = no ]; then rm -rf "$work"; fi
}
trap finish EXIT
started=$SECONDS

say "1. Text: a tiny world, generated"
parley corpus tiny-world --out "$work/world" --documents 20000 --dialogues 60000

say "2. Tokenizer: byte-level BPE"
parley tokenizer train --data "$work/world/pretrain.jsonl" --vocab 512 --out "$work/tokenizer.json"
parley corpus shard --data "$work/world/pretrain.jsonl" --tokenizer "$work/tokenizer.json" --out "$work/shards"

say "3. Pretraining"
shape=(--layers 3 --hidden 128 --heads 4 --context 128 --batch 16)
parley train pretrain --data "$work/shards" --out "$work/untrained" "${shape[@]}" --steps 1 --lr 0 --eval-tokens 16384
parley train pretrain --data "$work/shards" --out "$work/pretrained" "${shape[@]}" --steps 400 --lr 3e-3 --warmup 50 --schedule wsd --eval-every 200 --eval-tokens 16384

say "4. Fine-tuning on dialogues"
parley train sft --from "$work/pretrained" --data "$work/world/sft.jsonl" --out "$work/tuned" \
  --batch 16 --steps 1800 --lr 3e-3 --warmup 20 --schedule wsd --eval-every 300 --sample "What number comes after 299?"

say "5. Export"
parley train export "$work/tuned" --gguf "$work/tiny.gguf" --dtype q8_0
parley train export "$work/untrained" --gguf "$work/untrained.gguf" --dtype q8_0
parley train report "$work/tuned"

say "6. Server, chat, events"
dotnet src/Parley.Host/bin/Release/net10.0/parley.dll serve --model "$work/tiny.gguf=tiny" --model "$work/untrained.gguf=untrained" --data "$work/data" --port 0 --allow-loopback-without-key >"$work/server.log" 2>&1 & # not by the function: killing its subshell would leave the server
server=$!
url=
for _ in $(seq 150); do
  url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$work/server.log" | head -1 || true)
  if [ -n "$url" ]; then break; fi
  kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
  sleep 0.2
done
passed=0
parley eval tiny-world --url "$url" --model tiny --baseline untrained --questions 100 --at-least 90 || passed=1
echo "The last event of the log:"
curl -fs "$url/parley/v1/events?limit=500" | grep -o '{"offset"[^{]*{[^}]*}}' | tail -1

say "Done in $((SECONDS - started)) s"
exit "$passed"
