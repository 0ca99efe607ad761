"""gRPC as Go has it: the service of programs/grpc_service.txt, static, so that the command starts it."""

from go import building
from h2.servers.description import environment, grpc_server
from servers.description import Log

LIBRARY = building.library("google.golang.org/grpc")

grpc_go = grpc_server("grpc-go", packages=("golang-go", "golang-google-grpc-dev"),
                      needs=("go", LIBRARY), environment=environment, count=Log("stderr"), by_run=True,
                      command=lambda place: [str(building.built("grpc"))])
servers = [grpc_go]
