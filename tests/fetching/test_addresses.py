"""Which addresses the guard lets through: every trick that stands for our own network is refused."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetching.addresses import AddressGuard, is_public
from crawler.model.errors import AddressRefusedError

TRICKS = [
    "http://127.0.0.1/",
    "http://127.0.0.1./",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.01/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://１２７.０.０.１/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://%31%32%37.0.0.1/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://a.localhost/",
    "http://ⓛocalhost/",
    "http://printer/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://router.lan/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://168.63.129.16/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::1]/",
    "http://[2a00:1450::5efe:7f00:1]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    "http://example.com@127.0.0.1/",
    "http://127.0.0.1@example.com/",
    "http://user:password@example.com/",
    "http://example.com\\@127.0.0.1/",
    "http://example.com#@127.0.0.1:22@/",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://example.com:80:80/",
    "http://exa mple.com/",
    "http://-example.com/",
    "http://example..com/",
    "http://example.com../",
    "http:///etc/passwd",
    "http://",
    "//example.com/",
    "file:///etc/passwd",
    "ftp://example.com/",
    "gopher://example.com/",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "http://[::1/",
    "http://[example.com]/",
]


@pytest.mark.parametrize("url", [trick for trick in TRICKS if "#@" not in trick])
def test_a_trick_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        AddressGuard().check_url(url)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://t.me/s/channel", "t.me", 443),
        ("http://SAKHALIN.info/news", "sakhalin.info", 80),
        ("https://example.com./", "example.com", 443),
        ("https://example.com:8443/feed", "example.com", 8443),
        ("http://мвд.рф/", "xn--b1aew.xn--p1ai", 80),
        ("http://8.8.8.8/", "8.8.8.8", 80),
        ("http://[2a02:6b8::2:242]/", "2a02:6b8::2:242", 80),
        ("http://[::ffff:8.8.8.8]/", "::ffff:8.8.8.8", 80),
        ("http://example.com#@127.0.0.1:22@/", "example.com", 80),
        ("https://1c.example.com/", "1c.example.com", 443),
        ("https://a_b.example.com/", "a_b.example.com", 443),
    ],
)
def test_what_is_public_passes_and_says_where_it_leads(url: str, host: str, port: int) -> None:
    target = AddressGuard().check_url(url)
    assert (target.host, target.port) == (host, port)


def test_the_allow_list_names_hosts_and_ports_exactly() -> None:
    guard = AddressGuard(["127.0.0.1:8081", "intranet", "[::1]:9000"])
    assert guard.check_url("http://127.0.0.1:8081/feed").key == "127.0.0.1:8081"
    assert guard.check_url("http://intranet:22/").port == 22
    assert guard.check_url("http://[::1]:9000/").host == "::1"
    for other in ("http://127.0.0.1:8082/", "http://127.0.0.1/", "http://127.0.0.2:8081/", "http://127.1:8081/"):
        with pytest.raises(AddressRefusedError):
            guard.check_url(other)
    with pytest.raises(AddressRefusedError):
        guard.check_url("http://x.intranet/")


def test_a_name_of_the_allow_list_may_be_private_and_another_may_not() -> None:
    guard = AddressGuard(["intranet:8080"])
    guard.check_ip("10.0.0.7", "intranet", 8080)
    for ip, host, port in [
        ("10.0.0.7", "intranet", 8081),
        ("10.0.0.7", "evil.example", 8080),
        ("10.0.0.7", "", 8080),
        ("169.254.169.254", "intranet", 8080),
        ("224.0.0.1", "intranet", 8080),
        ("0.0.0.0", "intranet", 8080),
        ("0.1.2.3", "intranet", 8080),
        ("::", "intranet", 8080),
        ("::ffff:0.1.2.3", "intranet", 8080),
        ("192.0.0.192", "intranet", 8080),
        ("100.100.100.200", "intranet", 8080),
        ("168.63.129.16", "intranet", 8080),
        ("255.255.255.255", "intranet", 8080),
        ("fd00:ec2::254", "intranet", 8080),
        ("fd20:ce::254", "intranet", 8080),
        ("fe80::1", "intranet", 8080),
        ("::ffff:169.254.169.254", "intranet", 8080),
        ("not an address", "intranet", 8080),
    ]:
        with pytest.raises(AddressRefusedError):
            guard.check_ip(ip, host, port)


def test_an_address_outside_an_intranet_is_let_through_only_where_it_is_listed_itself() -> None:
    guard = AddressGuard(["intranet", "169.254.169.254", "[fd00:ec2::254]:8080"])
    guard.check_ip("169.254.169.254", "intranet", 8080)
    guard.check_ip("fd00:ec2::254", "intranet", 8080)
    guard.check_ip("fd12::7", "intranet", 80)
    for ip in ("fd00:ec2::254", "169.254.169.253"):
        with pytest.raises(AddressRefusedError):
            guard.check_ip(ip, "intranet", 80)


def test_a_refusal_says_what_why_and_what_to_do() -> None:
    with pytest.raises(AddressRefusedError) as refusal:
        AddressGuard().check_url("http://10.0.0.7/")
    assert "10.0.0.7" in refusal.value.text.en
    assert "not a global address" in refusal.value.text.en
    assert "allow_private" in refusal.value.text.en
    assert "10.0.0.7" in refusal.value.text.ru


PRIVATE = [*map(ipaddress.IPv4Network, ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"))]
PRIVATE += [*map(ipaddress.IPv4Network, ("172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3"))]


@given(st.ip_addresses(v=4))
def test_an_address_inside_ipv6_is_judged_as_the_ipv4_that_it_carries(inner: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{inner}")
    translated = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | int(inner))
    assert is_public(mapped) == is_public(translated) == is_public(inner)


@given(st.sampled_from(PRIVATE), st.integers(0, 2**32 - 1))
def test_no_address_of_a_private_range_passes(network: ipaddress.IPv4Network, offset: int) -> None:
    address = network[offset % network.num_addresses]
    with pytest.raises(AddressRefusedError):
        AddressGuard().check_ip(str(address))


@given(st.text(max_size=40))
def test_whatever_the_host_the_guard_answers_or_refuses(host: str) -> None:
    try:
        target = AddressGuard().check_url(f"http://{host}/")
    except AddressRefusedError:
        return
    assert target.host.isascii()
    assert not {"@", "\\", " ", "%"} & set(target.host)
