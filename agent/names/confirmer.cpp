// SPDX-License-Identifier: Apache-2.0
#include "names/confirmer.h"

#include <cstdlib>
#include <cstring>
#include <memory>

// Last, since it makes bool a macro of its own.
#include <ldns/ldns.h>

namespace stayd {
namespace {

struct FreeResolver {
  void operator()(ldns_resolver* resolver) const { ldns_resolver_deep_free(resolver); }
};
struct FreePacket {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};
struct FreeData {
  void operator()(ldns_rdf* data) const { ldns_rdf_deep_free(data); }
};
using Data = std::unique_ptr<ldns_rdf, FreeData>;

Data address_data(const Address& address) {
  const bool v4 = contains(all_of_ipv4(), address);
  return Data(ldns_rdf_new_frm_data(v4 ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA, v4 ? 4 : 16,
                                    &address[v4 ? 12 : 0]));
}

Result<DnsAnswer> ask(const DnsServer& server, const std::string& name, std::uint16_t type) {
  const std::unique_ptr<ldns_resolver, FreeResolver> resolver(ldns_resolver_new());
  const Data address = address_data(server.address);
  const Data question(ldns_dname_new_frm_str(name.c_str()));
  if (!resolver || !address || !question) return Error{"cannot ask for " + name};
  ldns_resolver_push_nameserver(resolver.get(), address.get());  // copies it
  ldns_resolver_set_port(resolver.get(), server.port);
  ldns_resolver_set_recursive(resolver.get(), true);
  ldns_resolver_set_defnames(resolver.get(), false);
  ldns_resolver_set_dnsrch(resolver.get(), false);
  ldns_resolver_set_timeout(resolver.get(), timeval{0, 500'000});
  ldns_resolver_set_retry(resolver.get(), 2);
  ldns_resolver_set_retrans(resolver.get(), 0);

  ldns_pkt* answered = nullptr;
  const ldns_status status = ldns_resolver_query_status(
      &answered, resolver.get(), question.get(), ldns_rr_type(type), LDNS_RR_CLASS_IN, LDNS_RD);
  const std::unique_ptr<ldns_pkt, FreePacket> packet(answered);
  if (status != LDNS_STATUS_OK || !packet)
    return Error{"the resolver does not answer: " + std::string(ldns_get_errorstr_by_id(status))};
  // Through the same parser as what the workload was told.
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&bytes, packet.get(), &size) != LDNS_STATUS_OK)
    return Error{"an answer that cannot be read"};
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> owner(bytes, &std::free);
  Result<DnsAnswer> answer = parse_dns_answer({reinterpret_cast<const std::byte*>(bytes), size});
  if (answer && (answer->name != name || answer->type != type))
    return Error{"an answer to another question"};
  return answer;
}

}  // namespace

Confirmer::Confirmer() {
  for (std::size_t i = 0; i < kThreads; i++) threads_.emplace_back([this] { work(); });
}

Confirmer::~Confirmer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Confirmer::confirm(const DnsServer& server, const std::string& name, std::uint16_t type,
                        Callback callback) {
  {
    std::lock_guard lock(mutex_);
    const Question question{server, name, type};
    if (auto asked = asked_.find(question); asked != asked_.end()) {
      asked->second.push_back(std::move(callback));
      return;
    }
    if (waiting_.size() < kMostWaiting) {
      asked_[question].push_back(std::move(callback));
      waiting_.push_back(question);
      wake_.notify_one();
      return;
    }
  }
  callback(Error{"too many names wait to be confirmed"});
}

void Confirmer::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const Question question = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const auto& [server, name, type] = question;
    const Result<DnsAnswer> answer = ask(server, name, type);
    lock.lock();
    const std::vector<Callback> callbacks = std::move(asked_.extract(question).mapped());
    lock.unlock();
    for (const Callback& callback : callbacks) callback(answer);
    lock.lock();
  }
}

}  // namespace stayd
