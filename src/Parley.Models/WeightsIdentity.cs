using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Tensors;

namespace Parley.Models;

/// <summary>
/// The name of exact weights, used in every prefix-cache key and in a model version's identity. Equal prefaces (a model's
/// configuration, an adapter's scales) and equal stored bits give equal names, wherever they were loaded from. Hashing waits until somebody asks.
/// </summary>
internal sealed class WeightsIdentity(Func<byte[]> preface, IReadOnlyList<Parameter> parameters)
{
    private readonly Lock _hashing = new();
    private string? _value;
    private long _version = -1;

    /// <summary>Rises when a parameter is marked as changed. Versions only rise, so an equal sum means that none has changed.</summary>
    public long Version
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < parameters.Count; i++)
            {
                sum += parameters[i].Version;
            }

            return sum;
        }
    }

    public string Value
    {
        get
        {
            lock (_hashing)
            {
                var version = Version;
                if (_value is null || version != _version)
                {
                    (_value, _version) = (Compute(), version);
                }

                return _value;
            }
        }
    }

    private string Compute()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(preface());
        foreach (var parameter in parameters)
        {
            var tensor = parameter.Value;
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\n{parameter.Name} {tensor.DType} {tensor.Shape}\n")));
            foreach (var rows in tensor.Pieces())
            {
                hash.AppendData(rows.Bytes);
                rows.Drop(); // weights mapped from a file are computed with in another layout, if at all
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
