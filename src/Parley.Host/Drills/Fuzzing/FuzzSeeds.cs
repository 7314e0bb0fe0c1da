using System.Text;
using System.Text.Json.Nodes;
using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Text;

namespace Parley.Host.Drills.Fuzzing;

/// <summary>Small good files of every format that is fuzzed, made afresh: a model with its tokenizer, tensors of every type, configurations of several families.</summary>
internal static class FuzzSeeds
{
    private static readonly BpeTokenizer Tokenizer = new BpeTrainer().Train(
        ["the cat sat on the mat and the rat sat on the cat", "Grüße aus 世界, a tale of two cats: the best of times"], new() { VocabularySize = 290 });

    private static readonly ModelConfig Config = new()
    {
        VocabularySize = Tokenizer.VocabularySize,
        HiddenSize = 32,
        IntermediateSize = 32,
        Layers = 1,
        Heads = 2,
        KVHeads = 1,
        HeadDim = 16,
        ContextLength = 64,
    };

    public static IReadOnlyList<byte[]> Configs { get; } =
    [
        Config.ToJson(),
        .. new[]
        {
            """{"model_type":"llama","architectures":["LlamaForCausalLM"],"vocab_size":128,"hidden_size":64,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"max_position_embeddings":4096,"rms_norm_eps":1e-5,"rope_theta":500000.0,"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":1024},"hidden_act":"silu","tie_word_embeddings":true,"torch_dtype":"bfloat16"}""",
            """{"model_type":"qwen3_moe","architectures":["Qwen3MoeForCausalLM"],"vocab_size":128,"hidden_size":64,"intermediate_size":96,"moe_intermediate_size":32,"num_experts":4,"num_experts_per_tok":2,"norm_topk_prob":true,"decoder_sparse_step":1,"mlp_only_layers":[],"head_dim":32,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"max_position_embeddings":4096,"rms_norm_eps":1e-6,"rope_theta":1000000,"hidden_act":"silu","tie_word_embeddings":false}""",
            """{"model_type":"gemma2","architectures":["Gemma2ForCausalLM"],"vocab_size":128,"hidden_size":64,"intermediate_size":96,"head_dim":32,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"max_position_embeddings":4096,"rms_norm_eps":1e-6,"rope_theta":10000.0,"hidden_activation":"gelu_pytorch_tanh","sliding_window":512,"attn_logit_softcapping":50.0,"final_logit_softcapping":30.0,"query_pre_attn_scalar":32}""",
            """{"model_type":"phi3","architectures":["Phi3ForCausalLM"],"vocab_size":128,"hidden_size":64,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":4,"max_position_embeddings":4096,"original_max_position_embeddings":1024,"rms_norm_eps":1e-5,"rope_theta":10000.0,"hidden_act":"silu","rope_scaling":{"type":"longrope","short_factor":[1,1,1,1,1,1,1,1],"long_factor":[1,2,3,4,5,6,7,8]},"sliding_window":2047}""",
            """{"model_type":"gpt2","architectures":["GPT2LMHeadModel"],"vocab_size":128,"n_embd":64,"n_head":4,"n_layer":2,"n_positions":256,"n_ctx":256,"n_inner":null,"layer_norm_epsilon":1e-5,"activation_function":"gelu_new"}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static IReadOnlyList<byte[]> TokenizerFiles { get; } =
    [
        Tokenizer.ToJson(),
        WithParts(
            """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]}""",
            """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"[a-z]+|[0-9]{1,3}| ?[^a-z0-9]+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""",
            """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|endoftext|>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<|endoftext|>":{"id":"<|endoftext|>","ids":[0],"tokens":["<|endoftext|>"]}}}"""),
        .. new[]
        {
            """{"version":"1.0","added_tokens":[{"id":0,"content":"<unk>","special":true,"single_word":false,"lstrip":false,"rstrip":true,"normalized":false}],"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},"pre_tokenizer":null,"post_processor":null,"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},"model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,"vocab":{"<unk>":0,"<0x61>":1,"▁":2,"a":3,"▁a":4},"merges":["▁ a"]}}""",
            """{"version":"1.0","added_tokens":[{"id":0,"content":"[UNK]","special":true}],"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":null,"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[UNK]":0,"a":1,"##b":2,"c":3}}}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static IReadOnlyList<byte[]> TokenizerConfigs { get; } =
    [
        .. new[]
        {
            """{"add_bos_token":true,"add_eos_token":false,"bos_token":"<|endoftext|>","eos_token":{"content":"<|im_end|>","lstrip":false,"normalized":false},"pad_token":null,"clean_up_tokenization_spaces":false,"model_max_length":2048,"chat_template":"{% for m in messages %}{{ m['role'] + m['content'] }}{% endfor %}","tokenizer_class":"PreTrainedTokenizerFast"}""",
            """{"chat_template":[{"name":"default","template":"{{ messages[0]['content'] }}"},{"name":"tool_use","template":"{{ tools|tojson }}"}],"added_tokens_decoder":{"0":{"content":"<|endoftext|>","special":true}}}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static IReadOnlyList<byte[]> GenerationConfigs { get; } =
    [
        .. new[] { """{"bos_token_id":0,"eos_token_id":[0,1],"temperature":0.6,"top_p":0.95,"transformers_version":"4.51.0"}""", """{"eos_token_id":2}""" }.Select(Encoding.UTF8.GetBytes),
    ];

    public static IReadOnlyList<byte[]> Templates { get; } =
    [
        .. new[]
        {
            ChatTemplate.ChatMlJinja,
            """
            {%- macro call(t, depth=0) -%}{"name": "{{ t.name }}", "arguments": {{ t.arguments | tojson(indent=2) }}}{%- endmacro -%}
            {%- set ns = namespace(found=false, i=0) -%}
            {%- if tools is defined and tools %}{{ '# Tools\n' }}{% for tool in tools %}{{ tool | tojson }}{{ "," if not loop.last }}{% endfor %}{% endif -%}
            {%- for message in messages[::-1] if message.role != 'system' -%}
              {%- set ns.i = ns.i + loop.index0 * 2 // 1 -%}
              {%- if message.content is string and message.content.startswith('a') and not ns.found %}{% set ns.found = true %}{% continue %}{% endif -%}
              {{- '<|' ~ message.role | upper | trim ~ '|>' ~ message.content.split('</think>')[-1].lstrip('\n') -}}
              {% generation %}{{ message.content | replace('a', 'b') | default('x', true) }}{% endgeneration %}
            {%- endfor -%}
            {{ range(3) | map('string') | join('-') }}{{ {'k': [1, 2.5, none, true]}.items() | list | length }}{# a comment #}
            {% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% elif false %}{{ raise_exception('no') }}{% else %}{{ messages | selectattr('role', 'equalto', 'user') | list | first }}{% endif %}
            """,
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static BpeTokenizer Vocabulary => Tokenizer;

    /// <summary>A Hugging Face folder of a small model.</summary>
    public static void WriteFolder(string folder) => WriteFolder(folder, Config);

    /// <summary>As above, for texts of up to so many tokens.</summary>
    public static void WriteFolder(string folder, int contextLength) => WriteFolder(folder, Config with { ContextLength = contextLength });

    private static void WriteFolder(string folder, ModelConfig config)
    {
        using var decoder = Parley.Models.Decoder.Initialize(config, 3);
        using var stream = File.Create(Path.Combine(folder, SafetensorsReader.FileName));
        SafetensorsWriter.Write(stream, decoder.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value, StringComparer.Ordinal));
        File.WriteAllBytes(Path.Combine(folder, "config.json"), config.ToJson());
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), Tokenizer.ToJson());
    }

    /// <summary>A whole model with tokenizer and template, and a file of tensors of every type beside keys of every kind.</summary>
    public static IReadOnlyList<byte[]> Models(string folder)
    {
        using var model = new LoadedModel("fuzz", Parley.Models.Decoder.Initialize(Config, 3), Tokenizer);
        return
        [
            .. new[] { DType.F32, DType.Q8_0 }.Select(type =>
            {
                var path = Path.Combine(folder, $"seed-{type}.gguf");
                model.ExportGguf(path, type);
                return File.ReadAllBytes(path);
            }),
        ];
    }

    public static IReadOnlyList<byte[]> Containers { get; } =
    [
        Container(32), Container(64),
    ];

    public static byte[] Safetensors(params string[] names)
    {
        using var stream = new MemoryStream();
        var types = new[] { DType.F32, DType.F16, DType.BF16 };
        var tensors = names.Select((name, i) => (name, Tensor: Tensor.Allocate(new Shape(2, 3 + i), types[i % types.Length]))).ToDictionary(pair => pair.name, pair => pair.Tensor, StringComparer.Ordinal);
        SafetensorsWriter.Write(stream, tensors, new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" });
        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }

        return stream.ToArray();
    }

    // The trained tokenizer with other steps around its vocabulary.
    private static byte[] WithParts(string normalizer, string splits, string around)
    {
        var json = JsonNode.Parse(Tokenizer.ToJson())!;
        (json["normalizer"], json["pre_tokenizer"], json["post_processor"]) = (JsonNode.Parse(normalizer), JsonNode.Parse(splits), JsonNode.Parse(around));
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static byte[] Container(int alignment)
    {
        var metadata = new GgufMetadata
        {
            ["general.architecture"] = "test",
            ["general.alignment"] = (uint)alignment,
            ["split.count"] = GgufValue.Scalar(GgufType.UInt16, (ushort)1),
            ["texts"] = new[] { "", "a", "Ġthe", "世界" },
            ["numbers"] = new[] { 1, -2, 3 },
            ["scores"] = new[] { 0.5f, -1f },
            ["flag"] = true,
            ["large"] = ulong.MaxValue,
            ["nested"] = GgufValue.Array(GgufType.Array, new GgufValue[] { new[] { 1, 2 }, new[] { "x" } }),
        };
        using var stream = new MemoryStream();
        GgufWriter.Write(stream, metadata, [.. Enum.GetValues<DType>().Select(type => new GgufTensorSource($"t.{type}", new Shape(2, 256), type, target =>
            target.Write(new byte[DTypes.ByteCount(type, 512)])))]);
        return stream.ToArray();
    }
}
