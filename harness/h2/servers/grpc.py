"""gRPC's C core as C++ and Ruby have it, and grpc-js: the service of programs/grpc_service.txt."""

from h2 import building, npm
from h2.building import program
from h2.servers.description import environment, grpc_server
from servers.description import Log


def with_modules(place):
    return environment(place) | {"NODE_PATH": npm.modules()}


def heavy(name, packages, need, command, environment=environment):
    return grpc_server(name, packages=packages, needs=(need,), command=command,
                       environment=environment, count=Log("stderr"), heavy=True)


servers = [
    heavy("grpc-c++", ("libgrpc++-dev",), "/usr/include/grpcpp/grpcpp.h",
          lambda place: building.cxx(place.build, "grpc_server.cc")),
    heavy("grpc-ruby", ("ruby-grpc",), "ruby:grpc",
          lambda place: ["ruby", program("grpc_server.rb")]),
    heavy("grpc-js", ("nodejs", "npm"), "npm", lambda place: ["node", program("grpc_server.js")],
          with_modules),
]
