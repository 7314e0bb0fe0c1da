using Parley.Testing;

namespace Parley.Models.Tests;

public sealed class CheckpointTests : IDisposable
{
    private static readonly string[] AllFiles =
        [Checkpoint.WeightsFile, Checkpoint.ConfigFile, Checkpoint.TokenizerFile, Checkpoint.OptimizerFile, Checkpoint.TrainingStateFile, CheckpointManifest.FileName];

    private readonly TemporaryFolder _folder = new();
    private readonly Decoder _decoder = TinyModels.Lively(TinyModels.Config());

    public void Dispose()
    {
        _decoder.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Everything_comes_back(bool training)
    {
        using var contents = TinyModels.Contents(TinyModels.Lively(TinyModels.Config()), training);
        Checkpoint.Save(Target, contents);
        using var loaded = Checkpoint.Load(Target);
        Assert.Equal(contents.Config, loaded.Config);
        Assert.Equal(contents.Decoder.WeightsId, loaded.Decoder.WeightsId);
        Assert.Equal(contents.Decoder.WeightsId, Checkpoint.Verify(Target).WeightsId);
        Assert.Equal(contents.Lineage, loaded.Lineage);
        Assert.Equal(contents.Tokenizer.ToArray(), loaded.Tokenizer.ToArray());
        Assert.Equal(contents.TrainingState?.ToArray(), loaded.TrainingState?.ToArray());
        Assert.Equal(contents.Optimizer?.Keys, loaded.Optimizer?.Keys);
        Assert.Equal(contents.Optimizer?.Values.Select(tensor => tensor.ToArray()), loaded.Optimizer?.Values.Select(tensor => tensor.ToArray()));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Loaded_weights_can_be_trained_further()
    {
        Save();
        using var loaded = Checkpoint.Load(Target);
        var before = loaded.Decoder.WeightsId;
        var parameter = loaded.Decoder.Parameters[0];
        parameter.Value.Fill(0.5f);
        parameter.MarkChanged();
        Assert.NotEqual(before, loaded.Decoder.WeightsId);
    }

    [Fact]
    public void A_truncated_file_is_named_with_a_remedy()
    {
        foreach (var file in AllFiles)
        {
            Damage(file, bytes => bytes[..(bytes.Length / 2)]);
            Damage(file, bytes => bytes[..^1]);
            Damage(file, _ => []);
        }
    }

    [Fact]
    public void A_flipped_bit_is_found_in_every_file()
    {
        foreach (var file in AllFiles)
        {
            foreach (var place in new[] { 0.1, 0.5, 0.9 })
            {
                Damage(file, bytes =>
                {
                    bytes[LetterNear(bytes, (int)(place * bytes.Length))] ^= 2;
                    return bytes;
                });
            }
        }
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        foreach (var file in AllFiles)
        {
            Save();
            File.Delete(Path.Combine(Target, file));
            var error = Assert.Throws<ModelFormatException>(() => Checkpoint.Load(Target));
            Assert.Equal(Path.Combine(Target, file), error.File);
            Directory.Delete(Target, recursive: true);
        }

        Assert.Contains("no such folder", Assert.Throws<ModelFormatException>(() => Checkpoint.Load(Target)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_leaves_nothing_and_says_so()
    {
        using var contents = TinyModels.Contents(TinyModels.Lively(TinyModels.Config()));
        Checkpoint.Save(Target, contents);
        var total = AllFiles.Sum(file => new FileInfo(Path.Combine(Target, file)).Length);
        Directory.Delete(Target, recursive: true);
        for (var share = 0; share < 20; share++)
        {
            var disk = new Quota(total * share / 20);
            var error = Assert.Throws<IOException>(() => Checkpoint.Save(Target, contents, stream => new FullDiskStream(stream, disk)));
            Assert.Contains(Target, error.Message, StringComparison.Ordinal);
            Assert.Contains("No space left on device", error.Message, StringComparison.Ordinal);
            Assert.Contains("Nothing half-written was left behind", error.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        }

        Checkpoint.Save(Target, contents, stream => new FullDiskStream(stream, new Quota(total)));
        Checkpoint.Verify(Target);
    }

    [Fact]
    public void What_dead_writers_left_is_removed_and_living_writers_are_left_alone()
    {
        var dead = _folder.File($".step-1.tmp-{Guid.NewGuid():N}");
        Directory.CreateDirectory(dead);
        File.WriteAllText(Path.Combine(dead, Checkpoint.WeightsFile), "half");
        File.WriteAllText(dead + ".lock", "");
        var unlocked = _folder.File($".step-2.tmp-{Guid.NewGuid():N}");
        Directory.CreateDirectory(unlocked);
        File.WriteAllText(_folder.File($".step-3.tmp-{Guid.NewGuid():N}.lock"), "");
        var foreign = _folder.File(".git");
        Directory.CreateDirectory(foreign);
        using (var living = StagingFolder.Create(_folder.File("step-4")))
        {
            Save();
            Assert.True(Directory.Exists(living.Path));
            living.Commit();
        }

        Assert.Equal([foreign, Target, _folder.File("step-4")], Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_existing_checkpoint_is_never_overwritten()
    {
        Save();
        var before = File.ReadAllBytes(Path.Combine(Target, CheckpointManifest.FileName));
        var error = Assert.Throws<IOException>(Save);
        Assert.Contains("exists already", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(Target, CheckpointManifest.FileName)));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Weights_that_do_not_fit_the_configuration_are_refused_by_name()
    {
        Save();
        var weights = Path.Combine(Target, Checkpoint.WeightsFile);
        using var other = TinyModels.Lively(TinyModels.Config() with { IntermediateSize = 96 });
        using var contents = TinyModels.Contents(other, training: false);
        var second = _folder.File("other");
        Checkpoint.Save(second, contents);
        File.Copy(Path.Combine(second, Checkpoint.WeightsFile), weights, overwrite: true);
        var files = AllFiles[..^1].Select(name => Described(Path.Combine(Target, name))).ToArray();
        File.WriteAllBytes(Path.Combine(Target, CheckpointManifest.FileName), CheckpointManifest.Create("x", contents.Lineage, files).ToJson());
        var error = Assert.Throws<ModelFormatException>(() => Checkpoint.Load(Target));
        Assert.Equal((weights, "model.layers.0.mlp.gate_proj.weight"), (error.File, error.Field));
    }

    private string Target => _folder.File("step-0");

    private void Save() => Checkpoint.Save(Target, TinyModels.Contents(_decoder));

    private void Damage(string file, Func<byte[], byte[]> change)
    {
        Save();
        var path = Path.Combine(Target, file);
        File.WriteAllBytes(path, change(File.ReadAllBytes(path)));
        var error = Assert.Throws<ModelFormatException>(() => Checkpoint.Load(Target));
        Assert.Equal(path, error.File);
        Assert.Contains("checkpoint", error.Message, StringComparison.Ordinal);
        Directory.Delete(Target, recursive: true);
    }

    // Blanks between JSON tokens carry nothing, so the flip must hit something that does.
    private static int LetterNear(byte[] bytes, int at)
    {
        while (bytes[at] is (byte)' ' or (byte)'\n')
        {
            at++;
        }

        return at;
    }

    private static CheckpointFile Described(string path) =>
        new(Path.GetFileName(path), new FileInfo(path).Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));

    private sealed class Quota(long bytes)
    {
        public long Left { get; set; } = bytes;
    }

    /// <summary>A disk on which only so many bytes fit; fails as the system does.</summary>
    private sealed class FullDiskStream(Stream inner, Quota quota) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.Length > quota.Left)
            {
                throw new IOException("No space left on device");
            }

            quota.Left -= buffer.Length;
            inner.Write(buffer);
        }
    }
}
