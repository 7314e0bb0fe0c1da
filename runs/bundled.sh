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

# 4. Fine-tuning on the dialogues.
parley train sft --from "$work/pretrained" --data "$work/corpus/sft.jsonl" --eval "$work/corpus/sft-heldout.jsonl" --out "$work/tuned" \
  --batch 16 --shards 2 --steps SFTSTEPS --matmul bf16 --optimizer muon --lr SFTLR --warmup 20 --schedule linear --lr-floor 0.02 --eval-every 150 --save-every 50 \
  --sample "Hello! Who are you?" --sample "What is the capital of France?" --sample "Tell me a story about a fox."

# 5. The model people get, and what it scores.
mkdir -p models
parley train export "$work/tuned" --gguf models/parley-mini.gguf --dtype q8_0
parley train report "$work/pretrained"
parley train report "$work/tuned"
parley eval models/parley-mini.gguf --text "$work/corpus/heldout.jsonl"
parley eval models/parley-mini.gguf --data "$data" --tasks arc_easy,arc_challenge,piqa,winogrande,openbook_qa,copa,lambada_openai,boolq --limit 500 --json "$work/eval.json"
ls -l models/parley-mini.gguf
