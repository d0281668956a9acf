// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace stayd {

// The plugins that `stayctl hook install` writes for agents that load a program instead of calling
// a command. STAYCTL stands for the path of stayctl, as a JavaScript string.

// opencode calls tool.execute.after only for tools that did not fail. Of one that did, the text is
// added to its error whenever the messages go to the model, because nothing else of it can be
// changed.
inline constexpr std::string_view kOpencodePlugin =
    R"js(// Written by "stayctl hook install opencode", which may write it anew.
// After each tool it asks stayd, which guards this process, whether something of it was denied or
// waits for a person, and adds the answer to what the model is told. It says nothing otherwise.
import { spawn } from "node:child_process"

const ask = (session) =>
  new Promise((resolve) => {
    const stayctl = spawn(STAYCTL, ["hook", "opencode"], { stdio: ["pipe", "pipe", "ignore"] })
    let text = ""
    stayctl.stdout.on("data", (bytes) => (text += bytes))
    stayctl.on("error", () => resolve(""))
    stayctl.on("close", () => resolve(text.trimEnd()))
    stayctl.stdin.on("error", () => {})
    stayctl.stdin.end(JSON.stringify({ session_id: session }))
  })

export const stayd = async () => {
  const failures = new Map() // what was said of a tool that failed, by its call
  return {
    "tool.execute.after": async (input, output) => {
      const text = await ask(input.sessionID)
      if (text) output.output = `${output.output ?? ""}\n${text}`
    },
    "experimental.chat.messages.transform": async (_input, output) => {
      const parts = output.messages.flatMap((message) => message.parts ?? [])
      for (const part of parts) {
        if (part.type !== "tool" || part.state?.status !== "error") continue
        if (!failures.has(part.callID)) failures.set(part.callID, await ask(part.sessionID))
        const text = failures.get(part.callID)
        if (text && !part.state.error.endsWith(text)) part.state.error += `\n${text}`
      }
    },
  }
}
)js";

inline constexpr std::string_view kPiExtension =
    R"js(// Written by "stayctl hook install pi", which may write it anew.
// After each tool it asks stayd, which guards this process, whether something of it was denied or
// waits for a person, and adds the answer to what the model is told. It says nothing otherwise.
import { spawn } from "node:child_process"

const ask = (session) =>
  new Promise((resolve) => {
    const stayctl = spawn(STAYCTL, ["hook", "pi"], { stdio: ["pipe", "pipe", "ignore"] })
    let text = ""
    stayctl.stdout.on("data", (bytes) => (text += bytes))
    stayctl.on("error", () => resolve(""))
    stayctl.on("close", () => resolve(text.trimEnd()))
    stayctl.stdin.on("error", () => {})
    stayctl.stdin.end(JSON.stringify({ session_id: session }))
  })

export default function (pi) {
  pi.on("tool_result", async (event, context) => {
    const text = await ask(context.sessionManager?.getSessionId?.() ?? "")
    if (text) return { content: [...event.content, { type: "text", text: `\n${text}` }] }
  })
}
)js";

}  // namespace stayd
