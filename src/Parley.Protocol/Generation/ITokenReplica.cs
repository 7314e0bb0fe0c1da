namespace Parley.Protocol.Generation;

/// <summary>A replica that shows how its models read: text or messages as token ids, and back. Nothing is computed, so nothing is counted.</summary>
public interface ITokenReplica
{
    /// <param name="model">One of the replica's.</param>
    /// <param name="input">Messages, rendered by the template with an opened answer; or text.</param>
    /// <param name="addSpecial">For text: the vocabulary's own beginning and end are put around it.</param>
    /// <exception cref="Errors.ParleyException">The model cannot read it.</exception>
    IReadOnlyList<int> Tokens(string model, GenerationInput input, bool addSpecial, CancellationToken cancellationToken = default);

    /// <summary>The text of some ids; control tokens have none.</summary>
    /// <exception cref="Errors.ParleyException">An id is not in the vocabulary.</exception>
    string Text(string model, IReadOnlyList<int> ids);
}
