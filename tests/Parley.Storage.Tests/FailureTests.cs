using Microsoft.Data.Sqlite;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Storage.Tests;

/// <summary>What is wrong with the disk is told in one sentence that names the place.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_data_folder_has_one_owner_at_a_time()
    {
        using (DataFolder.Open(_folder.Path))
        {
            var error = Assert.Throws<ParleyException>(() => DataFolder.Open(_folder.Path));
            Assert.Contains($"'{_folder.Path}' is in use by another Parley server", error.Message, StringComparison.Ordinal);
        }

        DataFolder.Open(_folder.Path).Dispose();
    }

    [Fact]
    public void A_file_in_the_place_of_the_folder_is_named()
    {
        File.WriteAllText(_folder.File("data"), "");
        Assert.Contains(_folder.File("data"), Assert.Throws<ParleyException>(() => DataFolder.Open(_folder.File("data"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_named_and_left_as_it_is()
    {
        var path = _folder.File("parley.db");
        File.WriteAllText(path, new string('x', 8192));
        var error = Assert.Throws<ParleyException>(() => SqliteDatabase.Open(path));
        Assert.Equal("storage_corrupt", error.Error.Code);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 8192), File.ReadAllText(path));
    }

    [Theory]
    [InlineData(13, 507, "disk_full", "is full")]
    [InlineData(8, 503, "storage_read_only", "read-only")]
    [InlineData(14, 503, "storage_unavailable", "cannot be opened")]
    [InlineData(5, 503, "storage_busy", "held by another program")]
    public void Each_code_of_sqlite_has_its_sentence(int code, int status, string name, string part)
    {
        var error = StorageFailures.Describe(new InvalidOperationException("outer", new SqliteException("inner", code)), "/data")!;
        Assert.Equal((status, name), (error.Status, error.Error.Code));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Contains("/data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_may_not_grow_says_that_the_disk_is_full()
    {
        using var database = SqliteDatabase.Open(_folder.File("parley.db"));
        var error = Assert.Throws<ParleyException>(() => database.Write((connection, transaction) =>
        {
            using var limit = new SqliteCommand("PRAGMA max_page_count = 1; INSERT INTO storage_versions VALUES (1000);", connection, transaction);
            limit.ExecuteNonQuery();
            using var fill = new SqliteCommand("INSERT INTO generation_events VALUES ('x', 1, zeroblob(10000000));", connection, transaction);
            fill.ExecuteNonQuery();
        }));
        Assert.Equal("disk_full", error.Error.Code);
        await using var log = new SqliteGenerationLog(database, TimeProvider.System);
        Assert.Empty(await log.ReadAsync(Guid.Empty, 0));
    }
}
