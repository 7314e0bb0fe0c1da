# Runs program.py of its folder under an audit hook (PEP 578) and prints one line: a word that only this file knows, the verdict, the reason. What is
# forbidden ends the process at once, so that no 'except' can swallow it. Together with rlimits and namespaces it holds what a model may write by
# accident; it is no prison for an attacker who knows the interpreter.
import os
import sys


def main():
    word = sys.stdin.readline().strip()
    folder = os.path.realpath(os.getcwd()) + os.sep
    with open("program.py", encoding="utf-8") as file:
        source = file.read()
    write, leave, realpath, fsdecode = os.write, os._exit, os.path.realpath, os.fsdecode
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    refused = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.kill", "os.setxattr", "ctypes.", "pty.", "resource.",
               "signal.", "sys._current_frames", "syslog.", "_thread.")
    changing = ("os.remove", "os.rename", "os.link", "os.symlink", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.truncate", "os.utime", "os.mkfifo",
                "os.mknod", "os.chdir", "shutil.")
    modules = ("ctypes", "_ctypes", "_posixsubprocess", "_testcapi")

    def end(verdict, reason=""):
        line = (word + " " + verdict + " " + " ".join(str(reason).split())[:200] + "\n").encode("utf-8", "replace")
        write(1, b"\n" + line)
        leave(0)

    def outside(path):
        if not isinstance(path, (str, bytes)) and not hasattr(path, "__fspath__"):
            return False
        return not (realpath(fsdecode(path)) + os.sep).startswith(folder)

    def hook(event, arguments):
        if event == "open":
            path, mode, flags = arguments
            wants = (isinstance(flags, int) and flags & writing) or (isinstance(mode, str) and set(mode) & set("wax+"))
            if wants and outside(path):
                end("forbidden", "writes outside its folder: " + str(path))
        elif event.startswith(refused) or (event == "import" and arguments[0] in modules):
            end("forbidden", event + " " + str(arguments[0] if arguments else ""))
        elif event.startswith(changing) and any(outside(argument) for argument in arguments):
            end("forbidden", "changes what is outside its folder: " + event)

    space = {"__name__": "__main__", "__builtins__": __builtins__}
    try:
        code = compile(source, "program.py", "exec")
        sys.argv = ["program.py"]
        sys.addaudithook(hook)
        exec(code, space)
    except MemoryError:
        end("memory", "MemoryError")
    except BaseException as error:
        end("failed", type(error).__name__ + " " + str(error))
    end("passed")


main()
