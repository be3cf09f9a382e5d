/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions and libraries that programs use the network with.
 *
 * From POSIX.1-2017 XSH and from the manuals and headers of the libraries named. A function of a library stands here when it
 * opens a socket by itself: a program that calls it need not import bind() or connect().
 */
#include "inspect/network_names.h"

#include <stdlib.h>

static const struct network_function functions[] = {
	{ "BIO_new_accept", NETWORK_LIBRARY_LISTENS, NULL },
	{ "BIO_new_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "BIO_new_ssl_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "BIO_s_accept", NETWORK_LIBRARY_LISTENS, NULL },
	{ "BIO_s_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "CyaSSL_CTX_new", 0, "cyassl" },
	{ "FCGX_OpenSocket", NETWORK_LIBRARY_EITHER, NULL },
	{ "MHD_start_daemon", NETWORK_LIBRARY_LISTENS, NULL },
	{ "MHD_start_daemon_va", NETWORK_LIBRARY_LISTENS, NULL },
	{ "MQTTAsync_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "MQTTClient_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "MQTTClient_connect5", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "PQconnectStart", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "PQconnectdb", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "PQconnectdbParams", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "PQsetdbLogin", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "RTMP_Connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "SSL_CTX_new", 0, "openssl" },
	{ "SSL_ImportFD", 0, "nss" },
	{ "UPNP_AddPortMapping", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "UpnpInit", NETWORK_LIBRARY_LISTENS, NULL },
	{ "UpnpInit2", NETWORK_LIBRARY_LISTENS, NULL },
	{ "UpnpRegisterRootDevice", NETWORK_LIBRARY_LISTENS, NULL },
	{ "_ZN10QTcpServer6listenERK12QHostAddresst", NETWORK_LIBRARY_LISTENS, NULL },
	{ "_ZN15QAbstractSocket13connectToHostERK7QStringt6QFlagsIN9QIODevice12OpenModeFlagEENS_20NetworkLayerProtocolE",
	  NETWORK_LIBRARY_CONNECTS, NULL },
	{ "_ZN21QNetworkAccessManager3getERK15QNetworkRequest", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "accept", NETWORK_ACCEPTS, NULL },
	{ "accept4", NETWORK_ACCEPTS, NULL },
	{ "ares_getaddrinfo", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ares_gethostbyname", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ares_query", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ares_search", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "avahi_server_new", NETWORK_LIBRARY_LISTENS, NULL },
	{ "avformat_network_init", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "bind", NETWORK_BINDS, NULL },
	{ "bindresvport", NETWORK_BINDS | NETWORK_INTERNET, NULL },
	{ "br_ssl_client_init_full", 0, "bearssl" },
	{ "br_ssl_server_init_full_rsa", 0, "bearssl" },
	{ "bufferevent_socket_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "bufferevent_socket_connect_hostname", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "clnt_create", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "clnt_tli_create", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "clnttcp_create", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "clntudp_bufcreate", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "clntudp_create", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "coap_new_client_session", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "coap_new_client_session_pki", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "coap_new_client_session_psk", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "coap_new_endpoint", NETWORK_LIBRARY_LISTENS, NULL },
	{ "connect", NETWORK_CONNECTS, NULL },
	{ "cupsDoRequest", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "curl_easy_perform", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "curl_multi_perform", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "curl_multi_socket_action", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "evconnlistener_new", NETWORK_LIBRARY_LISTENS, NULL },
	{ "evconnlistener_new_bind", NETWORK_LIBRARY_LISTENS, NULL },
	{ "evhttp_accept_socket", NETWORK_LIBRARY_LISTENS, NULL },
	{ "evhttp_bind_socket", NETWORK_LIBRARY_LISTENS, NULL },
	{ "evhttp_bind_socket_with_handle", NETWORK_LIBRARY_LISTENS, NULL },
	{ "evhttp_connection_base_bufferevent_new", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "evhttp_connection_base_new", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "evhttp_connection_new", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "freeaddrinfo", NETWORK_INTERNET, NULL },
	{ "g_socket_client_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "g_socket_client_connect_async", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "g_socket_client_connect_to_host", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "g_socket_client_connect_to_host_async", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "g_socket_client_connect_to_uri", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "g_socket_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "g_socket_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "g_socket_listener_add_address", NETWORK_LIBRARY_LISTENS, NULL },
	{ "g_socket_listener_add_any_inet_port", NETWORK_LIBRARY_LISTENS, NULL },
	{ "g_socket_listener_add_inet_port", NETWORK_LIBRARY_LISTENS, NULL },
	{ "g_socket_listener_add_socket", NETWORK_LIBRARY_LISTENS, NULL },
	{ "g_socket_service_new", NETWORK_LIBRARY_LISTENS, NULL },
	{ "getaddrinfo", NETWORK_INTERNET, NULL },
	{ "gethostbyaddr", NETWORK_INTERNET, NULL },
	{ "gethostbyname", NETWORK_INTERNET, NULL },
	{ "gethostbyname2", NETWORK_INTERNET, NULL },
	{ "gethostbyname_r", NETWORK_INTERNET, NULL },
	{ "getnameinfo", NETWORK_INTERNET, NULL },
	{ "getservbyname", NETWORK_INTERNET, NULL },
	{ "gnutls_init", 0, "gnutls" },
	{ "gst_rtsp_server_new", NETWORK_LIBRARY_LISTENS, NULL },
	{ "gupnp_root_device_new", NETWORK_LIBRARY_LISTENS, NULL },
	{ "hosts_access", NETWORK_LIBRARY_LISTENS, NULL },
	{ "hosts_ctl", NETWORK_LIBRARY_LISTENS, NULL },
	{ "htonl", NETWORK_INTERNET, NULL },
	{ "htons", NETWORK_INTERNET, NULL },
	{ "httpConnect2", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "httpConnectEncrypt", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "in6addr_any", NETWORK_INTERNET, NULL },
	{ "in6addr_loopback", NETWORK_INTERNET, NULL },
	{ "inet_addr", NETWORK_INTERNET, NULL },
	{ "inet_aton", NETWORK_INTERNET, NULL },
	{ "inet_network", NETWORK_INTERNET, NULL },
	{ "inet_ntoa", NETWORK_INTERNET, NULL },
	{ "inet_ntop", NETWORK_INTERNET, NULL },
	{ "inet_pton", NETWORK_INTERNET, NULL },
	{ "init_master_agent", NETWORK_LIBRARY_LISTENS, NULL },
	{ "init_snmp_agent", NETWORK_LIBRARY_LISTENS, NULL },
	{ "ldap_init", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ldap_initialize", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ldap_open", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "listen", NETWORK_LISTENS, NULL },
	{ "lws_client_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "lws_client_connect_via_info", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "lws_create_context", NETWORK_LIBRARY_EITHER, NULL },
	{ "lws_create_vhost", NETWORK_LIBRARY_EITHER, NULL },
	{ "matrixSslNewClientSession", 0, "matrixssl" },
	{ "matrixSslNewServerSession", 0, "matrixssl" },
	{ "matrixSslNewSession", 0, "matrixssl" },
	{ "mbedtls_net_accept", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mbedtls_net_bind", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mbedtls_net_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mbedtls_ssl_handshake", 0, "mbedtls" },
	{ "mg_bind", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mg_bind_opt", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mg_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mg_connect_opt", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mg_http_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mg_http_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mg_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mg_mqtt_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mg_mqtt_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mg_start", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mg_start2", NETWORK_LIBRARY_LISTENS, NULL },
	{ "modbus_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "modbus_tcp_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "modbus_tcp_pi_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "mosquitto_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mosquitto_connect_async", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mosquitto_connect_bind", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mosquitto_connect_bind_async", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mosquitto_connect_bind_v5", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mosquitto_connect_srv", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "mysql_real_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ne_session_create", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "netsnmp_register_agent_nsap", NETWORK_LIBRARY_LISTENS, NULL },
	{ "nn_bind", NETWORK_LIBRARY_LISTENS, NULL },
	{ "nn_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "nng_dial", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "nng_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "ntohl", NETWORK_INTERNET, NULL },
	{ "ntohs", NETWORK_INTERNET, NULL },
	{ "recvfrom", NETWORK_RECEIVES, NULL },
	{ "recvmmsg", NETWORK_RECEIVES, NULL },
	{ "recvmsg", NETWORK_RECEIVES_MESSAGES, NULL },
	{ "redisAsyncConnect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "redisConnect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "redisConnectWithTimeout", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "s2n_connection_new", 0, "s2n" },
	{ "sd_listen_fds", NETWORK_LIBRARY_LISTENS, NULL },
	{ "sd_listen_fds_with_names", NETWORK_LIBRARY_LISTENS, NULL },
	{ "sendmmsg", NETWORK_SENDS, NULL },
	{ "sendto", NETWORK_SENDS, NULL },
	{ "smbc_open", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "snmp_open", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "snmp_sess_open", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "soap_accept", NETWORK_LIBRARY_LISTENS, NULL },
	{ "soap_bind", NETWORK_LIBRARY_LISTENS, NULL },
	{ "soap_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "soap_connect_command", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "soap_connect_command_", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "soup_server_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "soup_server_listen_all", NETWORK_LIBRARY_LISTENS, NULL },
	{ "soup_server_listen_local", NETWORK_LIBRARY_LISTENS, NULL },
	{ "soup_server_run", NETWORK_LIBRARY_LISTENS, NULL },
	{ "soup_session_queue_message", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "soup_session_send", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "soup_session_send_and_read", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "soup_session_send_async", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "soup_session_send_message", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ssh_bind_accept", NETWORK_LIBRARY_LISTENS, NULL },
	{ "ssh_bind_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "ssh_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ssl_ctx_new", 0, "axtls" },
	{ "ssl_set_endpoint", 0, "polarssl" },
	{ "svc_create", NETWORK_LIBRARY_LISTENS, NULL },
	{ "svc_tli_create", NETWORK_LIBRARY_LISTENS, NULL },
	{ "svctcp_create", NETWORK_LIBRARY_LISTENS, NULL },
	{ "svcudp_bufcreate", NETWORK_LIBRARY_LISTENS, NULL },
	{ "svcudp_create", NETWORK_LIBRARY_LISTENS, NULL },
	{ "tls_config_new", 0, "libressl" },
	{ "ub_ctx_create", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "ub_resolve", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "uclient_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "uclient_http_set_request_type", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "upnpDiscover", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "usock", NETWORK_LIBRARY_EITHER, NULL },
	{ "usock_inet", NETWORK_LIBRARY_EITHER, NULL },
	{ "usock_inet_timeout", NETWORK_LIBRARY_EITHER, NULL },
	{ "uv_listen", NETWORK_LIBRARY_LISTENS, NULL },
	{ "uv_tcp_connect", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "uv_udp_recv_start", NETWORK_LIBRARY_LISTENS, NULL },
	{ "uv_udp_send", NETWORK_LIBRARY_CONNECTS, NULL },
	{ "wolfSSL_CTX_new", 0, "wolfssl" },
	{ "zmq_bind", NETWORK_LIBRARY_LISTENS, NULL },
	{ "zmq_connect", NETWORK_LIBRARY_CONNECTS, NULL },
};

/* Libraries of protocols; not those of TLS. */
static const struct network_library libraries[] = {
	{ "libPocoNet", "poco" },
	{ "libPocoNetSSL", "poco" },
	{ "libQt5Network", "qt-network" },
	{ "libQt5WebSockets", "qt-websockets" },
	{ "libQt6Network", "qt-network" },
	{ "libQt6WebSockets", "qt-websockets" },
	{ "libQtNetwork", "qt-network" },
	{ "libagora", "agora" },
	{ "libanjay", "lwm2m" },
	{ "libavahi-client", "avahi" },
	{ "libavahi-core", "avahi-core" },
	{ "libavformat", "ffmpeg" },
	{ "libaws-c-http", "aws-iot" },
	{ "libaws-c-mqtt", "aws-iot" },
	{ "libaws-cpp-sdk-core", "aws" },
	{ "libaws-crt-cpp", "aws-iot" },
	{ "libazure_iot", "azure-iot" },
	{ "libbluetooth", "bluetooth" },
	{ "libboost_asio", "asio" },
	{ "libcares", "c-ares" },
	{ "libcivetweb", "civetweb" },
	{ "libcoap", "coap" },
	{ "libcoap-2", "coap" },
	{ "libcoap-3", "coap" },
	{ "libcpprest", "cpprest" },
	{ "libcups", "cups" },
	{ "libcurl", "curl" },
	{ "libczmq", "zeromq" },
	{ "libdns_sd", "mdns" },
	{ "libeXosip2", "sip" },
	{ "libev", "libev" },
	{ "libevent", "libevent" },
	{ "libevent_core", "libevent" },
	{ "libevent_extra", "libevent" },
	{ "libevhtp", "evhtp" },
	{ "libfcgi", "fastcgi" },
	{ "libfreeradius-client", "radius" },
	{ "libgetdns", "getdns" },
	{ "libgnunet", "gnunet" },
	{ "libgrpc", "grpc" },
	{ "libgrpc++", "grpc" },
	{ "libgsoap", "gsoap" },
	{ "libgsoap++", "gsoap" },
	{ "libgsoapssl", "gsoap" },
	{ "libgssdp", "gssdp" },
	{ "libgstrtsp-1.0", "rtsp" },
	{ "libgstrtspserver-1.0", "gst-rtsp-server" },
	{ "libgupnp", "gupnp" },
	{ "libhiredis", "hiredis" },
	{ "libiothub_client", "azure-iot" },
	{ "libiotivity", "iotivity" },
	{ "libiscsi", "iscsi" },
	{ "libixml", "upnp" },
	{ "libldap", "ldap" },
	{ "libldap_r", "ldap" },
	{ "libldns", "ldns" },
	{ "libliveMedia", "live555" },
	{ "liblo", "osc" },
	{ "liblwm2mclient", "lwm2m" },
	{ "libmariadb", "mysql" },
	{ "libmdns", "mdns" },
	{ "libmicrohttpd", "microhttpd" },
	{ "libminiupnpc", "miniupnpc" },
	{ "libmnl", "netlink" },
	{ "libmodbus", "modbus" },
	{ "libmongoose", "mongoose" },
	{ "libmosquitto", "mosquitto" },
	{ "libmosquittopp", "mosquitto" },
	{ "libmysqlclient", "mysql" },
	{ "libnanomsg", "nanomsg" },
	{ "libneon", "neon" },
	{ "libnetsnmp", "net-snmp" },
	{ "libnetsnmpagent", "net-snmp" },
	{ "libnetsnmpmibs", "net-snmp" },
	{ "libnfs", "nfs" },
	{ "libnghttp2", "http2" },
	{ "libnghttp3", "http3" },
	{ "libngtcp2", "quic" },
	{ "libnice", "ice" },
	{ "libnl", "netlink" },
	{ "libnl-3", "netlink" },
	{ "libnl-genl-3", "netlink" },
	{ "libnl-route-3", "netlink" },
	{ "libnl-tiny", "netlink" },
	{ "libnng", "nng" },
	{ "liboctbstack", "iotivity" },
	{ "libosip2", "sip" },
	{ "libpaho-mqtt3a", "paho-mqtt" },
	{ "libpaho-mqtt3as", "paho-mqtt" },
	{ "libpaho-mqtt3c", "paho-mqtt" },
	{ "libpaho-mqtt3cs", "paho-mqtt" },
	{ "libpaho-mqttpp3", "paho-mqtt" },
	{ "libpcap", "pcap" },
	{ "libpj", "sip" },
	{ "libpjsip", "sip" },
	{ "libpq", "postgresql" },
	{ "libqpid-proton", "amqp" },
	{ "libquiche", "quic" },
	{ "librabbitmq", "amqp" },
	{ "libradcli", "radius" },
	{ "librtmp", "rtmp" },
	{ "libsctp", "sctp" },
	{ "libserf", "serf" },
	{ "libsmb2", "smb" },
	{ "libsmbclient", "smb" },
	{ "libsofia-sip-ua", "sip" },
	{ "libsoup", "soup" },
	{ "libsrt", "srt" },
	{ "libsrtp", "srtp" },
	{ "libsrtp2", "srtp" },
	{ "libssh", "ssh" },
	{ "libssh2", "ssh2" },
	{ "libthrift", "thrift" },
	{ "libtirpc", "rpc" },
	{ "libtorrent-rasterbar", "bittorrent" },
	{ "libtuya_iot", "tuya" },
	{ "libuclient", "uclient" },
	{ "libunbound", "unbound" },
	{ "libupnp", "upnp" },
	{ "libusrsctp", "sctp" },
	{ "libuv", "libuv" },
	{ "libwebsockets", "websockets" },
	{ "libwrap", "tcp-wrappers" },
	{ "libzmq", "zeromq" },
};

/* Libraries that speak TLS; not those that only compute (libcrypto, libmbedcrypto). */
static const struct network_library tls_libraries[] = {
	{ "libaxtls", "axtls" },
	{ "libbearssl", "bearssl" },
	{ "libboringssl", "boringssl" },
	{ "libcyassl", "cyassl" },
	{ "libgnutls", "gnutls" },
	{ "libgnutls-openssl", "gnutls" },
	{ "libmatrixssl", "matrixssl" },
	{ "libmbedtls", "mbedtls" },
	{ "libpolarssl", "polarssl" },
	{ "libs2n", "s2n" },
	{ "libssl", "openssl" },
	{ "libssl3", "nss" },
	{ "libssl_s", "matrixssl" },
	{ "libtinydtls", "tinydtls" },
	{ "libtls", "libressl" },
	{ "libtlse", "tlse" },
	{ "libustream-ssl", "ustream-ssl" },
	{ "libwolfssl", "wolfssl" },
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int compare(struct text name, const char *other)
{
	size_t n = strlen(other);
	int order = memcmp(name.p, other, name.n < n ? name.n : n);
	return order ? order : (name.n > n) - (name.n < n);
}

static int compare_function(const void *key, const void *element)
{
	return compare(*(const struct text *)key, ((const struct network_function *)element)->name);
}

static int compare_library(const void *key, const void *element)
{
	return compare(*(const struct text *)key, ((const struct network_library *)element)->stem);
}

const struct network_function *network_function(struct text name)
{
	return name.n ? bsearch(&name, functions, COUNT(functions), sizeof *functions, compare_function) : NULL;
}

size_t network_functions(const struct network_function **all)
{
	*all = functions;
	return COUNT(functions);
}

/* A library's name before ".so". */
static struct text stem_of(struct text needed)
{
	const char *so = needed.n ? memmem(needed.p, needed.n, ".so", 3) : NULL;
	return so ? text_of(needed.p, (size_t)(so - needed.p)) : TEXT_NONE;
}

/* What stands behind the last '-' or '_', taken away: a version (libevent-2.1), or what it was built with
 * (libcurl-gnutls, libevent_openssl). */
static struct text shorter(struct text stem)
{
	while (stem.n && stem.p[stem.n - 1] != '-' && stem.p[stem.n - 1] != '_')
		stem.n--;
	return stem.n ? text_of(stem.p, stem.n - 1) : TEXT_NONE;
}

static const struct network_library *find(struct text needed, const struct network_library *all, size_t n)
{
	for (struct text stem = stem_of(needed); stem.n; stem = shorter(stem)) {
		const struct network_library *l = bsearch(&stem, all, n, sizeof *all, compare_library);
		if (l)
			return l;
	}
	return NULL;
}

const struct network_library *network_library(struct text needed)
{
	return find(needed, libraries, COUNT(libraries));
}

/* LibreSSL's libssl has numbers of its own: 32 to 60; OpenSSL's begin with 0, 1 and 3, and 10 at Red Hat. */
static bool is_libressl(struct text needed)
{
	struct text stem = stem_of(needed);
	struct text version = text_of(stem.p + stem.n, needed.n - stem.n); /* ".so.47" */
	if (!text_is(stem, "libssl") || version.n < 6 || !text_starts(version, ".so."))
		return false;
	char tens = version.p[4], ones = version.p[5];
	return tens >= '3' && tens <= '6' && ones >= '0' && ones <= '9';
}

const char *network_tls(struct text needed)
{
	const struct network_library *l = find(needed, tls_libraries, COUNT(tls_libraries));
	return !l ? NULL : is_libressl(needed) ? "libressl" : l->name;
}
