#!/usr/bin/env bash
# Trains the bundled model, parley-mini, from raw text: about 75 minutes on two cores with nothing else to do. Needs the folder of licensed text whose
# SOURCES.md says what is what (default ../shared/data). Any step that was interrupted goes on when the script is called again with the same folder.
#   runs/bundled.sh [WORK] [DATA]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=${1:-artifacts/bundled}
data=${2:-../shared/data}
./run parley --version >/dev/null # builds what is missing
parley() { dotnet src/Parley.Host/bin/Release/net10.0/parley.dll "$@"; }

# 1. Text: books that are free everywhere, four of them held out whole; instruction tasks under permissive licences, passages of the books to go on with,
#    generated dialogues. What evaluations ask is left out, and the check that comes after must find nothing.
[ -f "$work/corpus/corpus.json" ] || parley corpus bundled --data "$data" --out "$work/corpus"
parley corpus overlap --train "$work/corpus/pretrain.jsonl" "$work/corpus/sft.jsonl" --against "$data/eval" "$data/math/gsm8k-test.jsonl.gz" "$data/preference"

# 2. Tokenizer and shards.
[ -f "$work/tokenizer.json" ] || parley tokenizer train --data "$work/corpus/pretrain.jsonl" --vocab 8192 --out "$work/tokenizer.json"
[ -d "$work/shards" ] || parley corpus shard --data "$work/corpus/pretrain.jsonl" --eval "$work/corpus/heldout.jsonl" --tokenizer "$work/tokenizer.json" --out "$work/shards"

# 3. Pretraining on the books: 11.0M parameters, 14.7M tokens, a pass and a half.
parley train pretrain --data "$work/shards" --out "$work/pretrained" \
  --layers 5 --hidden 384 --heads 6 --kv-heads 2 --context 512 --batch 16 --shards 2 --steps 1800 --matmul bf16 \
  --optimizer muon --lr 4e-3 --warmup 60 --schedule wsd --lr-floor 0.02 --eval-every 200 --save-every 100 \
  --sample "Once upon a time" --sample "The old man looked at the sea and"

# 4. Fine-tuning on the dialogues, twice: the second time in another order.
tune() { # FROM OUT SEED STEPS LEARNING_RATE
  parley train sft --from "$1" --data "$work/corpus/sft.jsonl" --eval "$work/corpus/sft-heldout.jsonl" --out "$2" --seed "$3" --steps "$4" --lr "$5" \
    --batch 16 --shards 2 --matmul bf16 --optimizer muon --warmup 20 --schedule linear --lr-floor 0.02 --eval-every 150 --save-every 50 \
    --sample "Hello! Who are you?" --sample "What is the capital of France?" --sample "Tell me a story about a fox."
}
tune "$work/pretrained" "$work/tuned" 1 750 1.5e-3
tune "$work/tuned" "$work/tuned-again" 2 540 1.2e-3

# 5. The model people get, and what it scores.
mkdir -p models
parley train export "$work/tuned-again" --gguf models/parley-mini.gguf --dtype q8_0
parley train report "$work/pretrained"
parley train report "$work/tuned-again"
parley eval models/parley-mini.gguf --text "$work/corpus/heldout.jsonl"
parley eval models/parley-mini.gguf --data "$data" --limit 500 --json "$work/eval.json"
ls -l models/parley-mini.gguf
