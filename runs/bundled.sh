#!/usr/bin/env bash
# Trains the bundled model, parley-mini, from raw text: about 90 minutes on two cores. Needs the folder of licensed text whose SOURCES.md says
# what is what (default ../shared/data). Any step that was interrupted goes on when the script is called again with the same folder.
#   runs/bundled.sh [WORK] [DATA]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=${1:-artifacts/bundled}
data=${2:-../shared/data}
./run parley --version >/dev/null # builds what is missing
parley() { dotnet src/Parley.Host/bin/Release/net10.0/parley.dll "$@"; }

# 1. Text: books that are free everywhere, instruction tasks under permissive licences, generated dialogues.
[ -f "$work/corpus/corpus.json" ] || parley corpus bundled --data "$data" --out "$work/corpus"

# 2. Tokenizer and shards.
[ -f "$work/tokenizer.json" ] || parley tokenizer train --data "$work/corpus/pretrain.jsonl" --vocab 4096 --out "$work/tokenizer.json"
[ -d "$work/shards" ] || parley corpus shard --data "$work/corpus/pretrain.jsonl" --tokenizer "$work/tokenizer.json" --out "$work/shards"

# 3. Pretraining on the books: 11.0M parameters, 5.7M tokens.
parley train pretrain --data "$work/shards" --out "$work/pretrained" \
  --layers 6 --hidden 384 --heads 6 --kv-heads 2 --context 512 --batch 8 --steps 1400 --lr 1.5e-3 --warmup 100 --schedule wsd --eval-every 200 --save-every 100 \
  --sample "Once upon a time" --sample "The old man looked at the sea and"

# 4. Fine-tuning on the dialogues.
parley train sft --from "$work/pretrained" --data "$work/corpus/sft.jsonl" --eval "$work/corpus/sft-heldout.jsonl" --out "$work/tuned" \
  --batch 8 --steps 600 --lr 7e-4 --warmup 30 --eval-every 150 --save-every 50 --sample "Hello! Who are you?" --sample "What is the capital of France?" --sample "Tell me a story about a fox."

# 5. The model people get.
mkdir -p models
parley train export "$work/tuned" --gguf models/parley-mini.gguf --dtype q8_0
parley train report "$work/pretrained"
parley train report "$work/tuned"
ls -l models/parley-mini.gguf
