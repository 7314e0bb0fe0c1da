using System.CommandLine;

namespace Parley.Host.Verbs;

/// <summary>`parley train`: pretrain, sft, resume, report, compare, export. It only collects the verbs.</summary>
public static class TrainVerb
{
    public static Command Create() => new("train", "Train models: pretrain, sft, resume, report, compare, export.")
    {
        TrainPretrainVerb.Create(), TrainSftVerb.Create(), TrainResumeVerb.Create(), TrainReportVerb.Create(), TrainCompareVerb.Create(),
        TrainExportVerb.Create(),
    };
}
