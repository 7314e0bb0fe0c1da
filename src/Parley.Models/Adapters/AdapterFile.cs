namespace Parley.Models;

/// <summary>Finds out which kind of adapter lies at a path, and loads it.</summary>
public static class AdapterFile
{
    /// <summary>Loads a GGUF file, a folder of PEFT's, or a training run's checkpoint of an adapter, for models of this configuration.</summary>
    /// <param name="path">The .gguf file, or the folder with adapter_config.json and adapter_model.safetensors, or with adapter.safetensors.</param>
    /// <param name="config">The model that it will adapt.</param>
    /// <exception cref="ModelFormatException">It is missing, damaged, not of this model, or asks for what cannot be honoured: one sentence.</exception>
    public static Adapter Load(string path, ModelConfig config)
    {
        if (Directory.Exists(path))
        {
            return AdapterCheckpoint.IsIn(path) ? AdapterCheckpoint.LoadAdapter(Path.Combine(path, AdapterCheckpoint.WeightsFile), config) : PeftAdapter.Load(path, config);
        }

        return File.Exists(path) ? GgufAdapter.Load(path, config)
            : throw ModelFormatException.At(path, null, null, "does not exist. Give a .gguf adapter or a folder with adapter_config.json.");
    }
}
