// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "redaction/programs.h"

namespace stayd::redaction {
namespace {

using enum Shape;

constexpr std::size_t kEach = SecretPlace::kEach;

constexpr std::string_view kMysql =
    "mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlslap mysqlbinlog mysqlpump "
    "mysqlsh mariadb mariadb-dump mariadb-admin mariadb-import mariadb-show mariadb-check "
    "mariadb-backup mariadb-binlog xtrabackup innobackupex mycli";
constexpr std::string_view kPostgres =
    "psql pg_dump pg_dumpall pg_restore pg_basebackup pgbench createdb dropdb createuser dropuser "
    "vacuumdb reindexdb clusterdb pgcli";
constexpr std::string_view kMongo =
    "mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop mongofiles";
constexpr std::string_view kRedis = "redis-cli valkey-cli keydb-cli redis-benchmark";
constexpr std::string_view kSqlplus = "sqlplus rman exp imp expdp impdp sqlldr";
constexpr std::string_view kContainers = "docker podman nerdctl buildah skopeo docker-compose";
constexpr std::string_view kRegistries =
    "docker podman nerdctl buildah skopeo helm oras crane regctl";
constexpr std::string_view kSnmp =
    "snmpget snmpwalk snmpset snmpbulkwalk snmpbulkget snmpgetnext snmptrap snmpinform snmptable "
    "snmpstatus snmpdf";
constexpr std::string_view kLdap =
    "ldapsearch ldapadd ldapmodify ldapdelete ldapmodrdn ldapcompare ldapwhoami ldapexop "
    "ldappasswd";
constexpr std::string_view kSamba =
    "smbclient rpcclient smbget smbtree smbcacls smbcquotas net winexe wmic samba-tool";
constexpr std::string_view kTokens =
    "pkcs11-tool pkcs15-init pkcs15-tool softhsm2-util yubico-piv-tool ykman";
constexpr std::string_view kLogins = "hydra medusa crackmapexec nxc netexec evil-winrm rdesktop";

constexpr auto kPlaces = std::to_array<SecretPlace>({
    // Databases
    {kMysql, "", "-p*"},
    {kPostgres, "", "-W --password", nothing},
    {kMongo, "", "-p"},
    {kRedis, "", "-a"},
    {kRedis, "auth", "", whole, kEach},
    {"cqlsh cypher-shell elasticsearch-users elasticsearch-reset-password", "", "-p"},
    {"sqlcmd bcp tsql fisql bsqldb osql", "", "-P"},
    {"isql iusql", "", "", whole, 3},
    {kSqlplus, "", "", after_slash, 1},
    {"etcdctl", "", "--user", after_colon},
    {"rabbitmqctl", "add_user", "", whole, 2},
    {"rabbitmqctl", "change_password", "", whole, 2},
    {"rabbitmqctl", "authenticate_user", "", whole, 2},
    {"rabbitmqadmin", "", "-p"},
    {"mosquitto_pub mosquitto_sub mosquitto_rr", "", "-P"},
    {"mosquitto_passwd", "-b", "", whole, 3},

    // HTTP and files of other hosts
    {"curl", "", "-u --user -U --proxy-user -E --cert --proxy-cert", after_colon},
    {"curl", "", "-b --cookie", cookies},
    {"http https xh xhs", "", "-a --auth", either},
    {"ab", "", "-A -P", after_colon},
    {"ab", "", "-C", cookies},
    {"hey", "", "-a", after_colon},
    {"lftp", "", "-u --user", after_comma},
    {"ncftp ncftpget ncftpput", "", "-p"},
    {kSamba, "", "-U --user", after_percent},
    {"net", "user", "", whole, 2},
    {"net", "use", "", whole, 2},
    {"net", "use", "", whole, 3},
    {"xfreerdp xfreerdp3 wlfreerdp sdl-freerdp", "", "/p:"},
    {"mc mcli", "alias set", "", whole, 4},
    {"mc mcli", "config host add", "", whole, 4},
    {"rclone", "obscure", "", whole, 1},
    {kSnmp, "", "-A -X -c"},
    {"ipmitool ipmi-chassis ipmipower", "", "-P"},
    {"sshpass", "", "-p"},
    {"ssh scp sftp rsync", "", "-p", nothing},
    {"swaks", "", "-ap"},
    {"sendEmail sendemail", "", "-xp"},
    {kLogins, "", "-p"},

    // Users and directories
    {kLdap, "", "-w"},
    {"ldappasswd", "", "-s -a"},
    {"slappasswd", "", "-s"},
    {"htpasswd", "-n -b", "", whole, 2},
    {"htpasswd", "-b", "", whole, 3},
    {"useradd usermod", "", "-p"},
    {"mkpasswd", "", "", whole, 1},
    {"kadmin kadmin.local", "", "-w"},
    {"wpa_passphrase", "", "", whole, 2},
    {"nmcli", "", "password psk wifi-sec.psk 802-11-wireless-security.psk vpn.secrets"},
    {"iwconfig", "", "key"},
    {"chpasswd", "", "", input_pairs},
    {"passwd", "", "", input},
    {"sudo", "-S", "", input},
    {"smbpasswd", "-s", "", input},
    {"cryptsetup", "", "", input},
    {"kinit", "", "", input},

    // Files that are encrypted
    {"openssl", "", "-pass -passin -passout -password -storepass", source},
    {"openssl", "", "-k! -K! -psk -srppass -hmac"},
    {"openssl", "", "-macopt", after_colon},
    {"openssl", "passwd", "", whole, kEach},
    {"7z 7za 7zr 7zz", "", "-p*"},
    {"rar unrar", "", "-p* -hp*"},
    {"zip unzip zipinfo", "", "-P"},
    {"qpdf", "--encrypt", "", whole, 1},
    {"qpdf", "--encrypt", "", whole, 2},
    {"pdftk", "", "input_pw user_pw owner_pw"},
    {"gpg gpg2", "--passphrase-fd", "", input},
    {"ssh-keygen", "", "-N -P"},
    {"steghide", "", "-p"},
    {"ccrypt ccencrypt ccdecrypt ccat", "", "-K"},
    {"mcrypt", "", "-k"},
    {kTokens, "", "--pin --so-pin --new-pin --puk"},
    {"pkcs11-tool", "", "-p"},
    {"yubico-piv-tool", "", "-P -N"},
    {"ansible-vault", "encrypt_string", "", whole, 1},

    // Containers and clusters
    {kRegistries, "login", "-p"},
    {kContainers, "", "--creds --src-creds --dest-creds", after_colon},
    {kContainers, "", "--secret", nothing},
    {"docker podman", "secret create", "", input},
    {"kubectl oc kustomize", "secret", "--from-literal", after_equals},
    {"oc cf", "login", "-p"},
    {"cf", "auth", "", whole, 2},

    // Clouds
    {"aws", "put-parameter", "--value"},
    {"aws", "", "--key", nothing},
    {"az", "login", "-p"},
    {"az", "sql", "-p"},
    {"az", "ad", "-p"},
    {"az", "keyvault secret set", "--value"},
    {"gcloud", "secrets", "--secret", nothing},
    {"gcloud", "auth activate-refresh-token", "", whole, 2},
    {"fly flyctl supabase", "secrets set", "", after_equals, kEach},
    {"fly flyctl", "secrets import", "", input},
    {"doppler", "secrets set", "", after_equals, kEach},
    {"wrangler", "secret put", "", input},
    {"eas", "secret:create", "--value"},
    {"ngrok", "authtoken", "", whole, 1},
    {"ngrok", "add-authtoken", "", whole, 1},

    // Stores of secrets
    {"vault bao", "login", "", lone, 1},
    {"vault bao", "unwrap", "", whole, 1},
    {"vault bao", "operator unseal", "", whole, 1},
    {"vault bao", "token lookup", "", whole, 1},
    {"vault bao", "token revoke", "", whole, 1},
    {"vault bao", "token renew", "", whole, 1},
    {"vault bao", "kv put", "", after_equals, kEach},
    {"vault bao", "kv patch", "", after_equals, kEach},
    {"bw", "unlock", "", whole, 1},
    {"bw", "login", "", whole, 2},
    {"security", "add-generic-password", "-w -p"},
    {"security", "add-internet-password", "-w -p"},
    {"security", "unlock-keychain", "-p"},
    {"pass", "insert", "", input},
    {"secret-tool", "store", "", input},

    // Development
    {"gh glab", "secret set", "-b --body"},
    {"gh glab", "secret set", "", input},
    {"glab", "variable set", "-v --value"},
    {"glab", "variable set", "", whole, 2},
    {"glab", "auth login", "-t"},
    {"twine poetry hatch uv", "publish", "-p -t"},
    {"twine", "upload", "-p"},
    {"cargo", "login", "", whole, 1},
    {"dotnet nuget", "push", "-k"},
    {"nuget", "push", "", whole, 2},
    {"nuget", "setApiKey", "", whole, 1},
    {"wandb", "login", "", whole, 1},
    {"snyk", "auth", "", whole, 1},
    {"openai", "", "-k"},
    {"codecov codecovcli", "", "-t"},
});

}  // namespace

std::span<const SecretPlace> secret_places() { return kPlaces; }

}  // namespace stayd::redaction
