using System.Globalization;

namespace Parley.Training.Runs;

/// <summary>
/// The names of things in a run's folder: run.json, metrics.jsonl, tokenizer.json, checkpoints/step-0000000100, failure.txt. It knows where
/// things lie, not what is in them.
/// </summary>
public sealed class RunFolder(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string ConfigFile => In("run.json");

    public string MetricsFile => In("metrics.jsonl");

    public string TokenizerFile => In("tokenizer.json");

    public string FailureFile => In("failure.txt");

    public string ReportFile => In("report.html");

    /// <summary>Shards that the run made for itself from plain text.</summary>
    public string ShardsFolder => In("shards");

    /// <summary>True when a run was started here.</summary>
    public bool Exists => File.Exists(ConfigFile);

    public string CheckpointFolder(long step) => System.IO.Path.Combine(In("checkpoints"), string.Create(CultureInfo.InvariantCulture, $"step-{step:D10}"));

    /// <summary>Finished checkpoints with their steps, newest first; nothing is said about whether they are intact.</summary>
    public IReadOnlyList<(long Step, string Folder)> Checkpoints() => !Directory.Exists(In("checkpoints")) ? [] :
    [
        .. from folder in Directory.EnumerateDirectories(In("checkpoints"), "step-*")
           let digits = System.IO.Path.GetFileName(folder)["step-".Length..]
           where digits.All(char.IsAsciiDigit)
           let step = long.Parse(digits, CultureInfo.InvariantCulture)
           orderby step descending
           select (step, folder),
    ];

    /// <exception cref="InvalidDataException">There is no run here; names the folder.</exception>
    public RunConfig ReadConfig()
    {
        if (!Exists)
        {
            throw new InvalidDataException(
                $"{Path} holds no run (no run.json); name the folder given to --out when the run was started.");
        }

        try
        {
            return RunConfig.FromJson(File.ReadAllText(ConfigFile));
        }
        catch (System.Text.Json.JsonException error)
        {
            throw new InvalidDataException(
                $"{ConfigFile} is damaged: {error.Message} Restore it, or start the run again in another folder.", error);
        }
    }

    /// <summary>Replaces run.json as a whole or not at all.</summary>
    public void WriteConfig(RunConfig config)
    {
        Directory.CreateDirectory(Path);
        File.WriteAllText(ConfigFile + ".new", config.ToJson());
        File.Move(ConfigFile + ".new", ConfigFile, overwrite: true);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
