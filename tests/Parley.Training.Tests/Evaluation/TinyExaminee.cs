using Parley.Inference;
using Parley.Models;
using Parley.Tensors;
using Parley.Tensors.Autograd;
using Parley.Text;

namespace Parley.Training.Tests.Evaluation;

/// <summary>A model of one layer to examine, an engine for it, and the likelihoods as the model's own forward pass gives them.</summary>
internal sealed class TinyExaminee : IAsyncDisposable
{
    private static readonly BpeTokenizer Words = new BpeTrainer().Train(TinyCorpus.Documents(), new BpeTrainerOptions { VocabularySize = 300 });
    private readonly ComputeContext _context = new(threads: 2);

    /// <param name="options">The engine's sizes.</param>
    /// <param name="scale">What random weights are multiplied with: 0 makes every token equally likely.</param>
    /// <param name="tokenizer">Another than the one of the tests' small corpus.</param>
    public TinyExaminee(EngineOptions? options = null, float scale = 6, Tokenizer? tokenizer = null)
    {
        tokenizer ??= Words;
        var config = new ModelConfig
        {
            VocabularySize = tokenizer.VocabularySize, HiddenSize = 32, IntermediateSize = 48, Layers = 1, Heads = 2, KVHeads = 1, HeadDim = 16, ContextLength = 96,
            TieEmbeddings = true,
        };
        var decoder = Decoder.Initialize(config, 3);
        foreach (var parameter in decoder.Parameters.Where(parameter => parameter.Value.Shape.Rank == 2))
        {
            parameter.Value.CopyFrom([.. parameter.Value.ToArray().Select(value => value * scale)]);
            parameter.MarkChanged();
        }

        Model = new LoadedModel("tiny", decoder, tokenizer);
        Engine = new Engine(decoder, options ?? new EngineOptions(), _context);
    }

    public LoadedModel Model { get; }

    public Engine Engine { get; }

    public Tokenizer Tokenizer => Model.Tokenizer;

    /// <summary>The natural-log probability of every id after those before it, in double from the logits; the first has none.</summary>
    public double[] Forward(int[] ids)
    {
        using var context = new ComputeContext(threads: 1);
        using var arena = new Arena();
        var operations = new Operations(context, arena);
        var logits = Model.Decoder.Logits(operations, Model.Decoder.Forward(operations, ids, AttentionBatch.Whole(1, ids.Length)));
        var (values, width) = (logits.ToHost().ToArray(), logits.Shape.Last);
        return
        [
            .. Enumerable.Range(1, ids.Length - 1).Select(i =>
            {
                var row = values.AsSpan((i - 1) * width, width).ToArray().Select(value => (double)value).ToArray();
                return row[ids[i]] - row.Max() - Math.Log(row.Sum(value => Math.Exp(value - row.Max())));
            }),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _context.Dispose();
        Model.Dispose();
    }
}
