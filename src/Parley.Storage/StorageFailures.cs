using Microsoft.Data.Sqlite;
using Parley.Protocol.Errors;

namespace Parley.Storage;

/// <summary>Turns what the disk and SQLite report into one sentence that names the place and the remedy.</summary>
public static class StorageFailures
{
    // An IOException's HResult is the plain errno on Unix (28 ENOSPC, 30 EROFS, 11 or 35 EAGAIN from flock) and a Win32 code on Windows.
    private static bool IsDiskFull(Exception error) => error.HResult is 28 or unchecked((int)0x80070070);

    private static bool IsReadOnly(Exception error) => error is UnauthorizedAccessException || error.HResult is 30;

    /// <summary>Whether a file could not be opened because another process holds its lock.</summary>
    internal static bool IsHeldByAnother(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);

    // SQLite's primary result codes: https://www.sqlite.org/rescode.html
    private const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    /// <summary>The failure as a <see cref="ParleyException"/>, or null when it is not one of storage. Looks through inner exceptions.</summary>
    /// <param name="place">The folder or file concerned, where the caller knows it.</param>
    public static ParleyException? Describe(Exception failure, string? place = null)
    {
        for (var error = failure; error is not null; error = error.InnerException)
        {
            var described = error switch
            {
                ParleyException known => known,
                SqliteException sqlite => Describe(sqlite, place),
                IOException or UnauthorizedAccessException => DescribeFile(error, place),
                _ => null,
            };
            if (described is not null)
            {
                return described;
            }
        }

        return null;
    }

    private static ParleyException Describe(SqliteException error, string? place)
    {
        var file = place is null ? "The database" : $"The database '{place}'";
        return error.SqliteErrorCode switch
        {
            Full => NoSpace(place, error),
            ReadOnly => NotWritable(place, error),
            CannotOpen => ParleyException.Server(503, $"{file} cannot be opened; check that its folder exists and is writable.", "storage_unavailable", error),
            Corrupt or NotADatabase => ParleyException.Server(
                503, $"{file} is damaged or not a SQLite file; restore it from a backup, or move it away to start anew.", "storage_corrupt", error),
            Busy or Locked => ParleyException.Server(503, $"{file} is held by another program; close it and try again.", "storage_busy", error),
            InputOutput => ParleyException.Server(503, $"{file} could not be read or written ({error.Message}); check the disk.", "storage_unavailable", error),
            _ => ParleyException.Server(500, $"{file} refused a statement ({error.Message}); this is a fault in Parley.", "storage_error", error),
        };
    }

    private static ParleyException DescribeFile(Exception error, string? place) =>
        IsDiskFull(error) ? NoSpace(place, error)
        : IsReadOnly(error) ? NotWritable(place, error)
        : ParleyException.Server(503, $"'{place}' cannot be used as a data folder: {error.Message}", "storage_unavailable", error);

    private static ParleyException NoSpace(string? place, Exception error) => ParleyException.Server(
        507, place is null ? "The disk is full; free some space and try again." : $"The disk that holds '{place}' is full; free some space and try again.", "disk_full", error);

    private static ParleyException NotWritable(string? place, Exception error) => ParleyException.Server(
        503, $"{(place is null ? "The data folder" : $"'{place}'")} is read-only; make it writable or choose another folder with --data.", "storage_read_only", error);
}
