namespace Parley.Text;

/// <summary>One message as the template sees it: a role (system, user, assistant, tool) and plain text.</summary>
public sealed record ChatTemplateMessage(string Role, string Content);
