package orthanc

var TransferErrorOf = transferError
