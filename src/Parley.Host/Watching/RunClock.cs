using System.Globalization;

namespace Parley.Host.Watching;

/// <summary>Spans of time as people read them: 1:05, 2:03:59, and days before the hours.</summary>
internal static class RunClock
{
    public static string Text(TimeSpan? span) => span switch
    {
        null => "?",
        { TotalDays: >= 1 } days => days.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture),
        { TotalHours: >= 1 } hours => hours.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
        { } minutes => minutes.ToString(@"m\:ss", CultureInfo.InvariantCulture),
    };
}
