// SPDX-License-Identifier: Apache-2.0
#include "ctl/mcp_tools.h"

#include "base/yaml.h"

namespace stayd {
namespace {

using nlohmann::json;

json text(const char* description, std::int64_t longest) {
  return {
      {"type", "string"}, {"description", description}, {"minLength", 1}, {"maxLength", longest}};
}

json number(const char* description, std::int64_t least, std::int64_t largest) {
  return {
      {"type", "integer"}, {"description", description}, {"minimum", least}, {"maximum", largest}};
}

json tool(const char* name, const char* title, const char* description, json properties,
          json required, bool only_reads) {
  return {{"name", name},
          {"title", title},
          {"description", description},
          {"inputSchema",
           {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}}},
          {"annotations", {{"readOnlyHint", only_reads}, {"openWorldHint", false}}}};
}

Result<> check_value(const std::string& name, const json& value, const json& schema) {
  if (schema["type"] == "integer") {
    const auto least = schema["minimum"].get<std::int64_t>();
    const auto largest = schema["maximum"].get<std::int64_t>();
    if (!value.is_number_integer() || value < least || value > largest)
      return Error{name + " is not a whole number from " + std::to_string(least) + " to " +
                   std::to_string(largest)};
    return {};
  }
  const auto longest = schema["maxLength"].get<std::size_t>();
  const std::size_t size = value.is_string() ? value.get_ref<const std::string&>().size() : 0;
  if (size == 0 || size > longest)
    return Error{name + " is not a text of 1 to " + std::to_string(longest) + " bytes"};
  return {};
}

// nullptr: there is no such tool.
const json* find_tool(const std::string& name) {
  for (const json& each : mcp_tools())
    if (each["name"] == name) return &each;
  return nullptr;
}

}  // namespace

const json& mcp_tools() {
  static const json kTools = json::array(
      {tool("stayd_denials", "What was denied",
            "What stayd, which guards this machine, denied to your processes: by which rule or "
            "person, why, what to do instead, and whether trying again is of use. Call this when "
            "something fails with \"Operation not permitted\" or \"Permission denied\".",
            {{"last", number("At most so many, the latest; 10 if not given", 1, kMaxMcpDenials)}},
            json::array(), true),
       tool("stayd_holds", "What waits for a person",
            "What your processes wait for at the moment because a person has to approve it, and "
            "what a person is still asked though the command was ended (\"lingers\"). With "
            "\"wait\" this answers as soon as something of yours is approved, denied or held, and "
            "at the latest after so many seconds. Do not repeat a command that waits: it goes on "
            "by itself once it is approved.",
            {{"wait", number("Seconds to wait for a change; 0 if not given", 0, kMaxMcpWait)}},
            json::array(), true),
       tool("stayd_intent", "Say what you are about to do",
            "Tells the people who approve what you are about to do and why. They see it as your "
            "claim. It approves nothing.",
            {{"text", text("One or two sentences", 1024)}}, {"text"}, false)});
  return kTools;
}

bool is_mcp_tool(const std::string& name) { return find_tool(name) != nullptr; }

Result<> check_mcp_arguments(const std::string& tool, const json& arguments) {
  if (!arguments.is_object()) return Error{"the arguments are not an object"};
  const json& schema = (*find_tool(tool))["inputSchema"];
  for (const auto& [name, value] : arguments.items()) {
    if (!schema["properties"].contains(name))
      return Error{in_quotes(name) + " is not an argument of " + tool};
    if (Result<> checked = check_value(in_quotes(name), value, schema["properties"][name]);
        !checked)
      return checked;
  }
  for (const json& name : schema["required"])
    if (!arguments.contains(name.get<std::string>()))
      return Error{in_quotes(name.get<std::string>()) + " is missing"};
  return {};
}

}  // namespace stayd
