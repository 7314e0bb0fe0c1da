using Parley.Host;

return await ParleyCommand.RunAsync(args);
