namespace Parley.Text;

/// <summary>A piece of a call as the model wrote it; the arguments of all pieces together are a JSON object, unless the answer was cut in it.</summary>
/// <param name="Name">The function, in the first piece of each call; null in all others.</param>
/// <param name="IsLast">The call is whole with this piece.</param>
public readonly record struct CallPiece(string? Name, string Arguments, bool IsLast);
