// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/activity.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "identity/account.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

constexpr std::size_t kMax = 256 * 1024;
constexpr std::size_t kDeepest = 32;
constexpr std::size_t kMaxMembers = 512;
constexpr std::size_t kMaxEntities = 64;

// Reads members of foreign objects; keeps the first that is not as it should be.
class Reader {
 public:
  const json* object(const json& parent, const char* name) {
    return member(parent, name, &json::is_object, "an object");
  }
  const json* array(const json& parent, const char* name) {
    return member(parent, name, &json::is_array, "an array");
  }
  bool flag(const json& parent, const char* name) {
    const json* value = member(parent, name, &json::is_boolean, "true or false");
    return value != nullptr && value->get<bool>();
  }
  std::string text(const json& parent, const char* name, std::size_t longest = Activity::kMaxId) {
    const json* value = member(parent, name, &json::is_string, "a string");
    if (value == nullptr) return {};
    const auto& text = value->get_ref<const std::string&>();
    if (text.size() > longest) fail(std::string("\"") + name + "\" is too long");
    return text.size() > longest ? std::string() : text;
  }
  void fail(std::string message) {
    if (!error_) error_ = Error{std::move(message)};
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  // One that is null is as good as not there.
  const json* member(const json& parent, const char* name, bool (json::*is)() const noexcept,
                     const char* kind) {
    const auto found = parent.find(name);
    if (found == parent.end() || found->is_null()) return nullptr;
    if (((*found).*is)()) return &*found;
    fail(std::string("\"") + name + "\" is not " + kind);
    return nullptr;
  }

  std::optional<Error> error_;
};

std::vector<std::string> member_ids(Reader& reader, const json& activity, const char* name) {
  std::vector<std::string> ids;
  const json* members = reader.array(activity, name);
  if (members == nullptr) return ids;
  if (members->size() > kMaxMembers) reader.fail("too many members");
  for (const json& each : *members) {
    if (!each.is_object()) reader.fail("a member is not an object");
    if (reader.error()) break;
    ids.push_back(reader.text(each, "id"));
  }
  return ids;
}

std::vector<Mention> mentions(Reader& reader, const json& activity) {
  std::vector<Mention> found;
  const json* entities = reader.array(activity, "entities");
  if (entities == nullptr) return found;
  if (entities->size() > kMaxEntities) reader.fail("too many entities");
  for (const json& each : *entities) {
    if (!each.is_object()) reader.fail("an entity is not an object");
    if (reader.error()) break;
    if (reader.text(each, "type") != "mention") continue;
    Mention mention;
    mention.text = reader.text(each, "text");
    if (const json* who = reader.object(each, "mentioned")) mention.id = reader.text(*who, "id");
    found.push_back(std::move(mention));
  }
  return found;
}

Click click_of(Reader& reader, const json& data) {
  Click click;
  click.subject = reader.text(data, "rid");
  click.nonce = reader.text(data, "n");
  click.scope = reader.text(data, "scope");
  click.duration = reader.text(data, "for");
  click.reason = reader.text(data, "reason", Activity::kMaxText);
  return click;
}

void read_invoke(Reader& reader, const json& value, Activity& activity) {
  if (activity.name != "adaptiveCard/action") return;
  const json* action = reader.object(value, "action");
  if (action == nullptr) return reader.fail("\"action\" is missing");
  const json* data = reader.object(*action, "data");
  if (data == nullptr) return reader.fail("\"data\" is missing");
  activity.click = click_of(reader, *data);
  activity.click->verb = reader.text(*action, "verb");
  activity.click->automatic = reader.text(value, "trigger") == "automatic";
}

void read_places(Reader& reader, const json& root, Activity& activity) {
  if (const json* conversation = reader.object(root, "conversation")) {
    activity.thread = reader.text(*conversation, "id");
    activity.conversation = without_thread(activity.thread);
    activity.conversation_type = reader.text(*conversation, "conversationType");
    activity.is_group = reader.flag(*conversation, "isGroup");
    activity.conversation_tenant = reader.text(*conversation, "tenantId");
  }
  if (const json* data = reader.object(root, "channelData")) {
    if (const json* tenant = reader.object(*data, "tenant"))
      activity.channel_tenant = reader.text(*tenant, "id");
    if (const json* channel = reader.object(*data, "channel"))
      activity.channel = reader.text(*channel, "id");
  }
}

void read_people(Reader& reader, const json& root, Activity& activity) {
  if (const json* from = reader.object(root, "from")) {
    activity.sender = reader.text(*from, "id");
    const Result<std::string> object = canonical_guid(reader.text(*from, "aadObjectId"));
    if (object) activity.sender_object = *object;
  }
  if (const json* recipient = reader.object(root, "recipient"))
    activity.recipient = reader.text(*recipient, "id");
}

}  // namespace

std::string_view without_thread(std::string_view conversation) {
  return conversation.substr(0, conversation.find(';'));
}

Result<Activity> parse_activity(std::string_view text) {
  const Result<json> root = parse_json(text, {kMax, kDeepest, /*duplicate_members=*/false});
  if (!root) return root.error();
  if (!root->is_object()) return Error{"no JSON object"};
  Reader reader;
  Activity activity;
  activity.type = reader.text(*root, "type");
  activity.name = reader.text(*root, "name");
  activity.action = reader.text(*root, "action");
  activity.id = reader.text(*root, "id");
  activity.channel_id = reader.text(*root, "channelId");
  activity.service_url = reader.text(*root, "serviceUrl");
  activity.reply_to = reader.text(*root, "replyToId");
  read_places(reader, *root, activity);
  read_people(reader, *root, activity);
  activity.added = member_ids(reader, *root, "membersAdded");
  activity.removed = member_ids(reader, *root, "membersRemoved");
  if (activity.type == "invoke")
    if (const json* value = reader.object(*root, "value")) read_invoke(reader, *value, activity);
  if (activity.type == "message") {
    activity.text = reader.text(*root, "text", kMax);
    activity.text.resize(std::min(activity.text.size(), Activity::kMaxText));
    activity.mentions = mentions(reader, *root);
    if (const json* value = reader.object(*root, "value")) {
      activity.click = click_of(reader, *value);
      activity.click->verb = reader.text(*value, "verb");
    }
  }
  for (const auto& [name, value] : {std::pair{"type", &activity.type},
                                    {"channelId", &activity.channel_id},
                                    {"serviceUrl", &activity.service_url},
                                    {"conversation", &activity.conversation}})
    if (value->empty()) reader.fail(std::string("\"") + name + "\" is missing");
  if (reader.error()) return *reader.error();
  return {boost::system::in_place_value, std::move(activity)};
}

}  // namespace stayd::teams
